import { appendFile, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Dataset } from "../datasets/dataset.node.ts";
import { cachedFeatures, type FeatureExtractor, keepFeatures, openFeatureStore } from "./feature-cache.node.ts";
import type { FaceRecord } from "../datasets/index.ts";

let folder: string;
let asked: string[];
let away: boolean;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "features-"));
  asked = [];
  away = false;
});
afterEach(() => rm(folder, { recursive: true }));

const record = (number: number): FaceRecord => {
  const id = String(number);
  return { id, file: id, sha256: id.padStart(64, "0"), width: 1, height: 1, labels: {}, source: "test", split: "train" };
};

/** Features of a picture are its number twice; odd ones are not there while `away`. */
const extractor: FeatureExtractor = {
  name: "numbers",
  columns: 2,
  batchSize: 4,
  async extract(pictures) {
    const paths = pictures.map(({ path }) => path);
    asked.push(...paths);
    await new Promise((resolve) => setTimeout(resolve, 3));
    return Float32Array.from(paths.flatMap((path) => Array<number>(2).fill(away && Number(path) % 2 === 1 ? Number.NaN : Number(path))));
  },
};

async function load(numbers: readonly number[]): Promise<number[]> {
  // What else a dataset has is not looked at.
  const dataset = { directory: folder, picturePath: ({ file }: { readonly file: string }) => file } as Dataset;
  const { data } = await cachedFeatures(dataset, numbers.map(record), extractor);
  return numbers.map((_, row) => data[row * 2 + 1]!);
}

test("each picture is described once, in the order asked for", async () => {
  expect(await load([5, 3, 9, 7, 1])).toEqual([5, 3, 9, 7, 1]);
  expect(await load([9, 2, 5])).toEqual([9, 2, 5]);
  expect(asked).toEqual(["5", "3", "9", "7", "1", "2"]);
});

test("some columns are read by themselves, for each record with the picture", async () => {
  const dataset = { directory: folder, picturePath: ({ file }: { readonly file: string }) => file } as Dataset;
  const wide: FeatureExtractor = {
    name: "wide",
    columns: 3,
    batchSize: 2,
    extract: async (pictures) => Float32Array.from(pictures.flatMap(({ path }) => [1, 10, 100].map((factor) => factor * Number(path)))),
  };
  const kept = await keepFeatures(dataset, [4, 2, 4, 1].map(record), wide);
  expect([kept.rows, kept.columns]).toEqual([4, 3]);
  expect(await kept.read(1, 2)).toEqual({ rows: 4, columns: 2, data: Float32Array.of(40, 400, 20, 200, 40, 400, 10, 100) });
});

test("a picture that is away has zeros, and is asked for again", async () => {
  away = true;
  expect(await load([1, 2, 3, 4, 5])).toEqual([0, 2, 0, 4, 0]);
  away = false;
  expect(await load([1, 2, 3, 4, 5])).toEqual([1, 2, 3, 4, 5]);
  expect(asked).toEqual(["1", "2", "3", "4", "5", "1", "3", "5"]);
});

test("rows without numbers that an earlier version kept are described again", async () => {
  await writeFile(join(folder, "features-numbers.txt"), `${record(1).sha256}\n${record(2).sha256}\n`);
  await writeFile(join(folder, "features-numbers.f32"), new Uint8Array(Float32Array.of(Number.NaN, Number.NaN, 2, 2).buffer));
  expect(await load([1, 2])).toEqual([1, 2]);
  expect(await load([1, 2])).toEqual([1, 2]);
  expect(asked).toEqual(["1"]);
});

test("what a killed process left half written is described again", async () => {
  await load([1, 2]);
  await appendFile(join(folder, "features-numbers.txt"), `${record(3).sha256}\n${record(4).sha256.slice(0, 20)}`);
  await appendFile(join(folder, "features-numbers.f32"), "half");
  expect(await load([1, 2, 3, 4])).toEqual([1, 2, 3, 4]);
  expect(await load([4, 3, 2, 1])).toEqual([4, 3, 2, 1]);
  expect(asked).toEqual(["1", "2", "3", "4"]);
  expect((await stat(join(folder, "features-numbers.f32"))).size).toBe(4 * 8);
});

test("two that describe one dataset at the same time do not mix their rows", async () => {
  const sets = [0, 1, 2].map((set) => Array.from({ length: 11 }, (_, n) => set * 5 + n));
  expect(await Promise.all(sets.map(load))).toEqual(sets);
  expect(await load(sets.flat())).toEqual(sets.flat());
  expect(new Set(asked).size).toBe(asked.length);
  expect(await readFile(join(folder, "features-numbers.txt"), "utf8")).toMatch(/^([0-9a-f]{64}\n){21}$/);
});

test.runIf(process.platform === "linux")("where the second of its files cannot be opened, the first is closed", async () => {
  await mkdir(join(folder, "features-numbers.txt"));
  await expect(openFeatureStore({ directory: folder }, extractor)).rejects.toMatchObject({ code: "TF_OUTPUT_UNWRITABLE" });
  const opened = (await readdir("/proc/self/fd")).map(async (number) => readlink(`/proc/self/fd/${number}`).catch(() => ""));
  expect((await Promise.all(opened)).filter((path) => path.startsWith(folder))).toEqual([]);
});
