import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { buildPage } from "../support/page.ts";
import { writeCrowds, writeTestPictures } from "../support/pictures.ts";

/** What is made once for all files of this folder; nobody writes into it. */
interface Prepared {
  /** The built page. */
  readonly webRoot: string;
  /** All test pictures, and `letter.jpg`, which is a text. */
  readonly photos: string;
  readonly crowds: string;
}

declare module "vitest" {
  interface ProvidedContext {
    prepared: Prepared;
  }
}

/** Vitest calls this before the first file, and what it returns after the last one. */
export async function setup(project: Pick<TestProject, "provide">): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "tensorface-page-"));
  const prepared = { photos: join(folder, "photos"), crowds: join(folder, "crowds") };
  for (const path of Object.values(prepared)) await mkdir(path);
  await writeTestPictures(prepared.photos);
  await writeFile(join(prepared.photos, "letter.jpg"), "This is a letter, not a picture.");
  await writeCrowds(prepared.crowds);
  project.provide("prepared", { ...prepared, webRoot: await buildPage(folder) });
  return () => rm(folder, { recursive: true, force: true });
}
