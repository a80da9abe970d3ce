import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { portrait } from "../../../test/support/pictures.ts";
import { type Dataset, openDataset } from "../../datasets/dataset.node.ts";
import type { FaceRecord } from "../../datasets/index.ts";
import { importDataset } from "../../datasets/import/import.node.ts";
import { assessDataset } from "../../datasets/quality.node.ts";
import { encode } from "../../image/encode.node.ts";
import { filledImage } from "../../image/index.ts";
import { describeRecords } from "./describe-records.ts";
import { lookOnce } from "./look-once.ts";
import { openLookers } from "./lookers.ts";
import { observeFaces } from "./observe-faces.ts";

let folder = "";
let number = 0;
const networks = ["mood", "emotion"];

/** Heads of several sizes, one photograph that is larger than what is measured, one picture without a face, and one that is damaged. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "look-once-"));
  const head = await sharp(portrait).extract({ left: 130, top: 20, width: 180, height: 180 }).toBuffer();
  for (const label of ["happy", "sad"]) await mkdir(join(folder, "pictures", label), { recursive: true });
  for (let n = 0; n < 9; n++) {
    const picture = sharp(head)
      .resize(90 + 10 * n)
      .modulate({ brightness: 0.8 + n / 20 });
    await writeFile(join(folder, "pictures", n % 2 === 0 ? "happy" : "sad", `${n}.png`), await picture.png().toBuffer());
  }
  await writeFile(join(folder, "pictures/sad/large.jpg"), await sharp(portrait).resize(400).jpeg().toBuffer());
  await writeFile(join(folder, "pictures/sad/empty.png"), await encode(filledImage(64, 64, [90, 60, 30]), { format: "png" }));
  await writeFile(join(folder, "pictures/sad/gone.png"), await encode(filledImage(64, 65, [90, 60, 30]), { format: "png" }));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let dataset: Dataset;
let records: readonly FaceRecord[];
beforeEach(async () => {
  await writeFile(join(folder, "pictures/sad/gone.png"), await encode(filledImage(64, 65, [90, 60, 30]), { format: "png" }));
  dataset = await freshDataset();
  records = await Array.fromAsync(dataset.records());
  await writeFile(join(folder, "pictures/sad/gone.png"), "damaged");
});

async function freshDataset(): Promise<Dataset> {
  const directory = join(folder, `data-${++number}`);
  await importDataset("folder", join(folder, "pictures"), directory);
  return openDataset(directory);
}

async function linesOf({ directory }: Dataset, file: string): Promise<string[]> {
  return (await readFile(join(directory, file), "utf8")).trimEnd().split("\n").toSorted();
}

async function numbersOf(described: Awaited<ReturnType<typeof describeRecords>>): Promise<Float32Array[]> {
  return Promise.all(described.map(async ({ features }) => (await features.read(0, features.columns)).data));
}

test("of a picture that has changed since the import nothing is kept under the hash of the old one", async () => {
  const changed = records.find(({ id }) => id.endsWith("0.png"))!;
  const path = dataset.picturePath(changed);
  const before = await readFile(path);
  await writeFile(path, await readFile(join(folder, "pictures/sad/large.jpg")));
  const described = await describeRecords(dataset, records, { networks: ["mood"], gradients: true }, { faces: true });
  await writeFile(path, before);
  for (const file of ["faces.jsonl", "measures.jsonl"]) {
    const lines = await linesOf(dataset, file);
    expect(lines).toHaveLength(10);
    expect(lines.join("")).not.toContain(changed.sha256);
  }
  const row = records.indexOf(changed);
  for (const { features } of described) {
    const { data, columns } = await features.read(0, features.columns);
    expect(data.subarray(row * columns, (row + 1) * columns).every((value) => value === 0)).toBe(true);
  }
});

test("one way through the pictures finds what the single commands find one after the other, to the digit", async () => {
  const together = await describeRecords(dataset, records, { networks, gradients: false }, { faces: true });
  await writeFile(join(folder, "pictures/sad/gone.png"), await encode(filledImage(64, 65, [90, 60, 30]), { format: "png" }));
  const apart = await freshDataset();
  await writeFile(join(folder, "pictures/sad/gone.png"), "damaged");
  await observeFaces(apart, records);
  await assessDataset(apart, records);
  const described = await describeRecords(apart, records, { networks, gradients: false }, { faces: false });
  for (const file of ["faces.jsonl", "measures.jsonl"]) {
    const lines = await linesOf(dataset, file);
    expect(lines).toHaveLength(11);
    expect(lines).toEqual(await linesOf(apart, file));
  }
  const [one, other] = [await numbersOf(together), await numbersOf(described)];
  expect(one.map(({ length }) => length)).toEqual([12 * 263, 12 * 7]);
  for (const [network, numbers] of one.entries()) {
    for (const [index, value] of numbers.entries()) expect(value).toBeCloseTo(other[network]![index]!, 4);
  }
  // Whatever nobody could read has no features; whatever has no face has some.
  const row = (name: string): readonly number[] => {
    const at = records.findIndex(({ file }) => file.endsWith(name));
    return [...one[1]!.subarray(7 * at, 7 * (at + 1))];
  };
  expect(row("gone.png")).toEqual(Array(7).fill(0));
  expect(row("empty.png").every((value) => value !== 0)).toBe(true);
});

test("what was stopped goes on where it was; what is known is not looked for again", async () => {
  await using lookers = await openLookers({ networks, faces: true });
  const options = { faces: true };
  await lookOnce(dataset, records.slice(0, 4), lookers, options);
  const four = await linesOf(dataset, "faces.jsonl");
  expect(four.length).toBeGreaterThanOrEqual(3);
  const controller = new AbortController();
  controller.abort();
  await expect(lookOnce(dataset, records, lookers, { ...options, signal: controller.signal })).rejects.toMatchObject({
    code: "TF_ABORTED",
  });
  expect(await linesOf(dataset, "faces.jsonl")).toEqual(four);
  await lookOnce(dataset, records, lookers, options);
  expect(await linesOf(dataset, "faces.jsonl")).toHaveLength(11);
  const keys = (await readdir(dataset.directory)).filter((name) => /^features-.*txt$/.test(name));
  expect(keys).toHaveLength(2);
  for (const name of keys) expect(new Set(await linesOf(dataset, name)).size).toBe(11);
  const before = await Promise.all(keys.map(async (name) => (await stat(join(dataset.directory, name))).size));
  const look = vi.spyOn(lookers, "lookAt");
  // The damaged picture alone is tried again, with whatever was asked of it.
  await lookOnce(dataset, records, lookers, options);
  const tried = look.mock.calls.flatMap(([tasks]) => tasks.map(({ path }) => path));
  expect(new Set(tried)).toEqual(new Set([join(folder, "pictures/sad/gone.png")]));
  expect(await Promise.all(keys.map(async (name) => (await stat(join(dataset.directory, name))).size))).toEqual(before);
});

test("another network is asked about the faces that are known, and finds none anew", async () => {
  await describeRecords(dataset, records, { networks: ["emotion"], gradients: false }, { faces: true });
  const faces = await stat(join(dataset.directory, "faces.jsonl"));
  const [mood, emotion] = await describeRecords(dataset, records, { networks, gradients: false }, { faces: true });
  expect((await stat(join(dataset.directory, "faces.jsonl"))).mtimeMs).toBe(faces.mtimeMs);
  expect([mood!.parts.map(({ task }) => task), emotion!.parts.map(({ task }) => task)]).toEqual([["mood", undefined], ["mood"]]);
});

test("where no faces were looked for, networks are shown whole pictures, and a network of ours says what it sees", async () => {
  const [described] = await describeRecords(dataset, records, { networks: ["age-gender"], gradients: false }, { faces: false });
  // 101 ages, 2 genders, 256 features, of two looks.
  const { columns, data } = await described!.features.read(0, 718);
  expect(columns).toBe(718);
  const features = data.subarray(206, 718);
  expect(features.every((value) => value >= 0)).toBe(true);
  expect(features.filter((value) => value > 0).length).toBeGreaterThan(50);
  expect(await readdir(dataset.directory)).not.toContain("faces.jsonl");
});
