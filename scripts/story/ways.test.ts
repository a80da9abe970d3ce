import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAnalyzer } from "../../src/analyze/create-analyzer.node.ts";
import { encode } from "../../src/image/encode.node.ts";
import { filledImage } from "../../src/image/index.ts";
import { cutFaces } from "./ways.ts";

let root: string;
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), "story-"))));
afterAll(() => rm(root, { recursive: true, force: true }));

/** Class folders: portraits, pictures without a face, and files that are no pictures. */
async function classFolders(name: string, counts: { readonly portraits: number; readonly plain: number }) {
  const folder = join(root, name);
  const plain = await encode(filledImage(48, 48, [120, 110, 100]), { format: "jpeg" });
  for (const label of ["a", "b"]) {
    await mkdir(join(folder, label), { recursive: true });
    for (let index = 0; index < counts.portraits; index++)
      await copyFile("examples/astronaut.png", join(folder, label, `portrait${index}.png`));
    for (let index = 0; index < counts.plain; index++) await writeFile(join(folder, label, `plain${index}.jpg`), plain);
  }
  await writeFile(join(folder, "a", ".DS_Store"), "x");
  return { name, folder, classes: ["a", "b"] };
}

test("faces are cut out of photographs, and what shows none, or cannot be read, is counted", async () => {
  await using detector = await createAnalyzer({ detector: "dlib", tasks: [] });
  const set = await classFolders("photographs", { portraits: 2, plain: 1 });
  await writeFile(join(set.folder, "b", "broken.jpg"), "no picture");
  const target = join(root, "cut");
  expect(await cutFaces(detector, set, target)).toEqual({ folder: target, leftOut: 3, isCut: true });
  expect(await readdir(join(target, "a"))).toEqual(["portrait0.png.jpg", "portrait1.png.jpg"]);
});

test("where most pictures show dlib no face, as those of FER2013, they are learnt from as they are", async () => {
  await using detector = await createAnalyzer({ detector: "dlib", tasks: [] });
  const set = await classFolders("crops", { portraits: 1, plain: 2 });
  expect(await cutFaces(detector, set, join(root, "tried"))).toEqual({ folder: set.folder, leftOut: 0, isCut: false });
});
