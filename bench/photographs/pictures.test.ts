import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { fairFaceAgeGroups, genders } from "../../src/core/index.ts";
import { importDataset } from "../../src/datasets/import/import.node.ts";
import { encode } from "../../src/image/encode.node.ts";
import { filledImage } from "../../src/image/index.ts";
import { makePhotographs, type Photograph } from "./pictures.ts";

test("a face that stands elsewhere now has a picture of its own, and one that stands as before is not made again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tensorface-photographs-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const people = genders.flatMap((gender) => fairFaceAgeGroups.map(({ low }) => ({ gender, age: low })));
  await mkdir(join(folder, "faces"));
  for (const [index] of people.entries())
    await writeFile(join(folder, "faces", `${index}.png`), await encode(filledImage(8, 8, [200, 10 * index, 0]), { format: "png" }));
  const rows = people.map(({ gender, age }, index) => `faces/${index}.png,${age},${gender}\n`);
  await writeFile(join(folder, "labels.csv"), `file,age,gender\n${rows.join("")}`);
  await importDataset("csv", join(folder, "labels.csv"), join(folder, "data"));
  const make = async (facePart: number): Promise<Photograph> => {
    const sources = [{ path: join(folder, "data"), split: "all", facePart }];
    const [first] = await makePhotographs({ sources, perCell: 1, seed: 1, folder: join(folder, "made") });
    return first!;
  };
  const before = await make(0.5);
  const made = await stat(before.path);
  const now = await make(0.8);
  expect(now.crop).not.toEqual(before.crop);
  expect(now.path).not.toBe(before.path);
  expect(await make(0.5)).toEqual(before);
  expect((await stat(before.path)).mtimeMs).toBe(made.mtimeMs);
}, 120_000);
