import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Dataset, openDataset } from "../datasets/dataset.node.ts";
import { importDataset } from "../datasets/import/import.node.ts";
import { encode } from "../image/encode.node.ts";
import { filledImage } from "../image/index.ts";
import { readObservations } from "./detected-faces.ts";
import { describeMissed, missedPictures, observeFaces } from "./look/index.ts";

let folder = "";
let dataset: Dataset;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-faces-"));
  await mkdir(join(folder, "p/happy"), { recursive: true });
  for (const grey of [1, 2, 3]) {
    await writeFile(join(folder, `p/happy/${grey}.png`), await encode(filledImage(64, 64, [grey * 50, grey, 0]), { format: "png" }));
  }
  await importDataset("folder", join(folder, "p"), join(folder, "data"));
  dataset = await openDataset(join(folder, "data"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a line a picture, none of them empty; what a killed process left half written is ended; two at once do the work once", async () => {
  const records = await Array.fromAsync(dataset.records());
  const lines = async (): Promise<string[]> => (await readFile(join(dataset.directory, "faces.jsonl"), "utf8")).split("\n").slice(0, -1);
  await observeFaces(dataset, records.slice(0, 1));
  expect(await lines()).toHaveLength(1);
  await writeFile(join(dataset.directory, "faces.jsonl"), '{"sha256":"ab', { flag: "a" });
  await Promise.all([observeFaces(dataset, records), observeFaces(dataset, records)]);
  const written = await lines();
  expect(written).toHaveLength(4);
  expect(written).not.toContain("");
  expect([...(await readObservations(dataset.directory))!.values()].map(({ faces }) => faces)).toEqual([0, 0, 0]);
});

test("a picture of which an earlier version wrote less is looked at again", async () => {
  const records = await Array.fromAsync(dataset.records());
  const [{ sha256 }] = records as [(typeof records)[number]];
  await writeFile(join(dataset.directory, "faces.jsonl"), `${JSON.stringify({ sha256, faces: 1, pose: { yaw: 0, roll: 0 } })}\n`);
  expect((await readObservations(dataset.directory))!.get(sha256)).toMatchObject({ faces: 1 });
  expect((await observeFaces(dataset, records.slice(0, 1))).get(sha256)).toMatchObject({ sha256, faces: 0 });
});

test("what another detector said, or one that is not told, is looked at again, and does not stand beside what this one says", async () => {
  const records = await Array.fromAsync(dataset.records());
  const [first, second] = records as [(typeof records)[number], (typeof records)[number]];
  const landmark = { x: 0.5, y: 0.5 };
  const landmarks = { leftEye: landmark, rightEye: landmark, nose: landmark, leftMouth: landmark, rightMouth: landmark };
  const place = { box: { x: 0, y: 0, width: 1, height: 1 }, landmarks };
  const path = join(dataset.directory, "faces.jsonl");
  for (const by of [{}, { by: "another:0123" }]) {
    const lines = [first, second].map(({ sha256 }) => JSON.stringify({ sha256, faces: 1, pose: { yaw: 0, roll: 0 }, place, ...by }));
    await writeFile(path, `${lines.join("\n")}\n`);
    expect((await readObservations(dataset.directory))!.size).toBe(2);
    const seen = await observeFaces(dataset, [first]);
    expect([...seen.values()]).toEqual([{ sha256: first.sha256, faces: 0, by: expect.stringMatching(/^blazeface\S*:[0-9a-f]+\+\S+$/) }]);
    const written = await readFile(path, "utf8");
    await observeFaces(dataset, [first]);
    expect(await readFile(path, "utf8")).toBe(written);
  }
});

test("pictures that were not looked at are counted: those that changed since the import, and those that cannot be read", async () => {
  await importDataset("folder", join(folder, "p"), join(folder, "changing"));
  const changing = await openDataset(join(folder, "changing"));
  const records = await Array.fromAsync(changing.records());
  const [first, second] = records.map((record) => changing.picturePath(record));
  const [before, other] = [await readFile(first!), await readFile(second!)];
  await writeFile(first!, await encode(filledImage(64, 64, [1, 2, 3]), { format: "png" }));
  await rm(second!);
  try {
    const seen = await observeFaces(changing, records);
    const missed = await missedPictures(changing, records, seen);
    expect(missed).toEqual({ changed: 1, unreadable: 1 });
    expect(describeMissed(missed)).toBe("2 not looked at: 1 has changed since the import, 1 cannot be read");
    expect(describeMissed(await missedPictures(changing, records.slice(2), seen))).toBeUndefined();
  } finally {
    await writeFile(first!, before);
    await writeFile(second!, other);
  }
});
