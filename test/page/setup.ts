import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { buildPage, type PageServer, servePage, startBrowser } from "../support/page.ts";
import { testPictures, writeCrowds, writeTestPictures } from "../support/pictures.ts";

/** What the files of this folder share: the built page on the product's own server, a browser, the pictures. */
export interface Site {
  readonly webRoot: string;
  readonly browser: Browser;
  readonly server: PageServer;
  readonly photo: (name: keyof typeof testPictures | "letter") => string;
  readonly folder: string;
}

/** Prepares a site before a file's tests and takes it down after them. */
export function useSite(...flags: readonly string[]): () => Site {
  let site: Site | undefined;
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), "tensorface-page-"));
    const photos = join(folder, "photos");
    await mkdir(photos);
    await writeTestPictures(photos);
    await mkdir(join(folder, "crowds"));
    await writeCrowds(join(folder, "crowds"));
    await writeFile(join(photos, "letter.jpg"), "This is a letter, not a picture.");
    const webRoot = await buildPage(folder);
    const photo: Site["photo"] = (name) => join(photos, name === "letter" ? "letter.jpg" : testPictures[name].name);
    site = { folder, webRoot, photo, browser: await startBrowser(...flags), server: await servePage(webRoot) };
  });
  afterAll(async () => {
    await site?.browser.close();
    await site?.server[Symbol.asyncDispose]();
    if (site !== undefined) await rm(site.folder, { recursive: true, force: true });
  });
  return () => site!;
}
