import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRandom } from "../core/index.ts";
import { type Dataset, openDataset } from "./dataset.node.ts";
import { exactPairs, findNearPairs, groupByPicture, groupPairs } from "./duplicates.ts";
import { markDuplicates, readDuplicates } from "./duplicates.node.ts";
import { importDataset } from "./import/import.node.ts";
import type { FaceRecord } from "./record.ts";
import { createUnionFind } from "./union-find.ts";

const portrait = fileURLToPath(new URL("../../examples/astronaut.png", import.meta.url));
const side = 112;

let folder = "";
let dataset: Dataset;

/** The head, cut after the portrait was turned about its middle. */
async function cutHead(degrees = 0): Promise<Buffer> {
  const turned = await sharp(portrait).extract({ left: 90, top: 0, width: 260, height: 260 }).png().toBuffer();
  const { data, info } = await sharp(turned).rotate(degrees).png().toBuffer({ resolveWithObject: true });
  const [left, top] = [Math.round((info.width - 180) / 2), Math.round((info.height - 220) / 2)];
  return sharp(await sharp(data).extract({ left, top, width: 180, height: 180 }).toBuffer())
    .resize(side, side)
    .png()
    .toBuffer();
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tensorface-duplicates-"));
  await mkdir(join(folder, "pictures", "happy"), { recursive: true });
  const head = await cutHead();
  const pictures: Readonly<Record<string, Buffer>> = {
    head,
    same: head,
    recompressed: await sharp(head).jpeg({ quality: 15 }).toBuffer(),
    small: await sharp(head).resize(36, 36).png().toBuffer(),
    grey: await sharp(head).greyscale().modulate({ brightness: 1.4 }).png().toBuffer(),
    tilted: await cutHead(2.6),
    mirrored: await sharp(head).flop().png().toBuffer(),
    other: await sharp(portrait).extract({ left: 300, top: 280, width: 180, height: 180 }).resize(side, side).png().toBuffer(),
  };
  for (const [name, bytes] of Object.entries(pictures)) await writeFile(join(folder, "pictures", "happy", `${name}.png`), bytes);
  await importDataset("folder", join(folder, "pictures"), join(folder, "data"));
  dataset = await openDataset(join(folder, "data"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("every copy of a photograph joins its group, whatever was done to it; other pictures do not", async () => {
  const { pairs, groups, records, leaks } = await markDuplicates(dataset);
  const names = records.filter(({ group }) => group !== undefined).map(({ file }) => file.replace(/^.*\/|\.png$/g, ""));
  expect(names).toEqual(["grey", "head", "recompressed", "same", "small", "tilted"]);
  expect(groups).toBe(1);
  expect(pairs[0]).toMatchObject({ kind: "exact", similarity: 1 });
  expect(pairs.filter(({ kind }) => kind === "exact")).toHaveLength(1);
  expect(new Set(records.flatMap(({ group, split }) => (group === undefined ? [] : split))).size).toBe(1);
  expect(leaks).toEqual([]);
});

test("what was found is on the disk, and a second search finds the same", async () => {
  const first = await readDuplicates(dataset.directory);
  const { pairs, moved } = await markDuplicates(dataset);
  expect(first).toEqual(pairs);
  expect(moved).toBe(0);
});

test("thousands of one picture are one group, with as many pairs as there are pictures, and few have all pairs", () => {
  const equal = (count: number): FaceRecord[] =>
    Array.from({ length: count }, (_, index) => ({
      id: `${index}`,
      file: `${index}.png`,
      sha256: "0",
      width: 8,
      height: 8,
      labels: {},
      split: "train",
      source: `${index}`,
    }));
  const many = equal(20_000);
  const pairs = exactPairs(groupByPicture(many));
  expect(pairs).toHaveLength(19_999);
  expect(new Set(groupPairs(many, pairs).values()).size).toBe(1);
  expect(groupPairs(many, pairs).size).toBe(20_000);
  expect(exactPairs(groupByPicture(equal(64)))).toHaveLength((64 * 63) / 2);
});

test("thousands of nearly one picture, frames of a film say, are compared about once each", async () => {
  const random = createRandom(1);
  const measure = { brightness: 0, contrast: 0, sharpness: 0, flatShare: 0, hash: "0".repeat(16) };
  const thumbnail = Uint8Array.from({ length: 256 }, () => random.integer(256));
  const detail = Float32Array.from({ length: 64 * 64 }, () => random.uniform() - 0.5);
  const search = async (count: number) => {
    let read = 0;
    const pairs = await findNearPairs(
      Array.from({ length: count }, () => ({ ...measure, thumbnail })),
      () => {
        read++;
        return detail;
      },
    );
    return { pairs, read };
  };
  const few = await search(64);
  expect(few.pairs).toHaveLength((64 * 63) / 2);
  const many = await search(2000);
  expect(many.pairs.length).toBe(many.read / 2);
  expect(many.pairs.length).toBeLessThan(2500);
  const joined = createUnionFind(2000);
  for (const { first, second } of many.pairs) joined.union(first, second);
  expect(joined.sets()).toHaveLength(1);
});

test("Ctrl-C is heard while many pictures are compared", async () => {
  const random = createRandom(1);
  const digits = (): string => Array.from({ length: 16 }, () => random.integer(16).toString(16)).join("");
  const common = { brightness: 0, contrast: 0, sharpness: 0, flatShare: 0, thumbnail: new Uint8Array(256) };
  const measures = Array.from({ length: 4000 }, () => Object.assign({ hash: digits() }, common));
  const stop = new AbortController();
  setTimeout(() => stop.abort());
  await expect(findNearPairs(measures, () => undefined, { signal: stop.signal })).rejects.toMatchObject({ code: "TF_ABORTED" });
});

test.skipIf(!existsSync("/dev/full"))("a full disk: a code, and what was there before stays", async () => {
  const read = (name: string): Promise<string> => readFile(join(dataset.directory, name), "utf8");
  const before = [await read("manifest.jsonl"), await read("duplicates.jsonl")];
  const partial = join(dataset.directory, "duplicates.jsonl.partial");
  // What is written there meets a disk without room.
  await symlink("/dev/full", partial);
  await expect(markDuplicates(dataset)).rejects.toMatchObject({ code: "TF_OUTPUT_FULL", hint: expect.stringMatching(/[Ff]ree/) });
  expect([await read("manifest.jsonl"), await read("duplicates.jsonl")]).toEqual(before);
  expect(await readdir(dataset.directory)).not.toContain("duplicates.jsonl.partial");
});

test.skipIf(!existsSync("/dev/full"))("a search whose groups could not be written is no search that was made", async () => {
  const partial = join(dataset.directory, "manifest.jsonl.partial");
  await rm(join(dataset.directory, "duplicates.jsonl"));
  await symlink("/dev/full", partial);
  await expect(markDuplicates(dataset)).rejects.toMatchObject({ code: "TF_OUTPUT_FULL" });
  expect((await readdir(dataset.directory)).filter((name) => name.startsWith("duplicates"))).toEqual([]);
  await rm(partial, { force: true });
  await markDuplicates(dataset);
  expect(await readDuplicates(dataset.directory)).not.toEqual([]);
});

test("pairs that cannot take their place stay where the error says, and the groups are written all the same", async () => {
  const place = join(dataset.directory, "duplicates.jsonl");
  await rm(place);
  await mkdir(place);
  await expect(markDuplicates(dataset)).rejects.toMatchObject({
    code: "TF_OUTPUT_UNWRITABLE",
    hint: expect.stringContaining("duplicates.jsonl.partial"),
  });
  expect(await readFile(`${place}.partial`, "utf8")).toContain('"kind"');
  await rm(place, { recursive: true });
  await markDuplicates(dataset);
  expect(await readdir(dataset.directory)).not.toContain("duplicates.jsonl.partial");
});

test.each([
  ["a line that is cut off", '{"first":"folder/happy/gr'],
  ["a line that is no pair", '{"first":"folder/happy/grey"}'],
])("%s is named", async (_, line) => {
  const damaged = join(folder, "damaged");
  await mkdir(damaged, { recursive: true });
  const pair = { first: "a", second: "b", kind: "near", similarity: 0.9 };
  await writeFile(join(damaged, "duplicates.jsonl"), `${JSON.stringify(pair)}\n${line}\n`);
  await expect(readDuplicates(damaged)).rejects.toMatchObject({
    code: "TF_DATASET_INVALID",
    message: expect.stringMatching(/duplicates\.jsonl" line 2/),
    hint: expect.stringContaining("dataset duplicates"),
  });
});
