import { mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { encode } from "../../image/encode.node.ts";
import { filledImage } from "../../image/index.ts";
import { type Dataset, openDataset } from "../dataset.node.ts";
import { importDataset } from "../import/import.node.ts";
import { readCleaned } from "./cleaned.node.ts";
import type { Decision } from "./decisions.ts";
import { removeCleanManifest, writeCleanManifest } from "./decisions.node.ts";

let folder: string;
let dataset: Dataset;
let ids: readonly string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cleaned-"));
  for (const [index, mood] of ["happy", "happy", "sad", "sad"].entries()) {
    await mkdir(join(folder, "pictures", mood), { recursive: true });
    const picture = await encode(filledImage(4, 4, [index * 50, 0, 0]), { format: "png" });
    await writeFile(join(folder, "pictures", mood, `${index}.png`), picture);
  }
  await importDataset("folder", join(folder, "pictures"), join(folder, "data"));
  dataset = await openDataset(join(folder, "data"));
  ids = (await Array.fromAsync(dataset.records())).map(({ id }) => id);
});
afterEach(() => rm(folder, { recursive: true }));

const decide = (id: string, action: { action: "drop" } | { action: "relabel"; label: string }): Decision => ({
  id,
  task: "mood",
  reviewer: "ada",
  at: "2026-11-28T10:00:00.000Z",
  ...action,
});

test("nothing is cleaned before decisions are applied", async () => {
  expect(await readCleaned(dataset)).toBeUndefined();
});

test("records come back as the decisions left them, with what they changed", async () => {
  await writeCleanManifest(dataset, [decide(ids[0]!, { action: "drop" }), decide(ids[1]!, { action: "relabel", label: "sad" })]);
  const cleaned = (await readCleaned(dataset))!;
  expect(cleaned).toMatchObject({ dropped: 1, relabelled: 1 });
  expect(cleaned.records.map(({ id, labels }) => [id, labels.mood])).toEqual([
    [ids[1], "sad"],
    [ids[2], "sad"],
    [ids[3], "sad"],
  ]);
});

const stale = { code: "TF_DATASET_INVALID", message: expect.stringContaining("another state of the manifest") };
const write = (name: string, records: readonly object[]) =>
  writeFile(join(dataset.directory, name), records.map((record) => `${JSON.stringify(record)}\n`).join(""));

test("a manifest that changed since, in whatever, is not mixed with old decisions", async () => {
  await writeCleanManifest(dataset, [decide(ids[0]!, { action: "drop" })]);
  const records = await Array.fromAsync(dataset.records());
  const changed = (index: number, change: object) => records.map((record, at) => Object.assign({}, record, at === index && change));
  const manifests = [
    // A face on the other side of a split, as `dataset duplicates` may move it.
    changed(3, { split: "validation" }),
    // A face that is no longer there, and a new one.
    records.slice(0, 3),
    [...records, Object.assign({}, records[3], { id: "folder/sad/9" })],
    // A corrected label, and one of a face that was dropped.
    changed(2, { labels: { mood: "neutral" } }),
    changed(0, { labels: { mood: "neutral" } }),
  ];
  for (const manifest of manifests) {
    await write("manifest.jsonl", manifest);
    await expect(readCleaned(dataset)).rejects.toMatchObject(stale);
  }
  await write("manifest.jsonl", records);
  expect(await readCleaned(dataset)).toMatchObject({ dropped: 1 });
});

const changed = { code: "TF_DATASET_INVALID", message: expect.stringContaining("is not as `dataset apply` wrote it") };

test("what was changed by hand in a cleaned manifest is not written over", async () => {
  const drop = [decide(ids[0]!, { action: "drop" })];
  await writeCleanManifest(dataset, drop);
  await writeCleanManifest(dataset, drop);
  const path = join(dataset.directory, "manifest.clean.jsonl");
  const byHand = (await readFile(path, "utf8")).replace("happy", "neutral");
  await writeFile(path, byHand);
  await expect(writeCleanManifest(dataset, drop)).rejects.toMatchObject({ code: "TF_DATASET_CONFLICT" });
  expect(await readFile(path, "utf8")).toBe(byHand);
  await rename(path, `${path}.mine`);
  await writeCleanManifest(dataset, drop);
  expect(await readCleaned(dataset)).toMatchObject({ dropped: 1 });
});

test("who was killed while decisions were applied applies them again", async () => {
  const drop = [decide(ids[0]!, { action: "drop" })];
  await writeCleanManifest(dataset, drop);
  await rm(join(dataset.directory, "cleaning.json"));
  await writeFile(join(dataset.directory, "manifest.clean.jsonl"), "");
  await writeCleanManifest(dataset, drop);
  expect(await readCleaned(dataset)).toMatchObject({ dropped: 1 });
});

test("a cleaned manifest that nothing vouches for is not taken", async () => {
  await writeCleanManifest(dataset, [decide(ids[0]!, { action: "drop" })]);
  const cleaned = (await readCleaned(dataset))!.records;
  await write("manifest.clean.jsonl", cleaned.slice(1));
  await expect(readCleaned(dataset)).rejects.toMatchObject(changed);
  await write("manifest.clean.jsonl", cleaned);
  expect(await readCleaned(dataset)).toMatchObject({ dropped: 1 });
  const record = join(dataset.directory, "cleaning.json");
  await writeFile(record, "{");
  await expect(readCleaned(dataset)).rejects.toMatchObject(changed);
  await rm(record);
  await expect(readCleaned(dataset)).rejects.toMatchObject(changed);
});

test("what is undone leaves nothing behind", async () => {
  const before = await readdir(dataset.directory);
  await writeCleanManifest(dataset, [decide(ids[0]!, { action: "drop" })]);
  await removeCleanManifest(dataset);
  expect(await readdir(dataset.directory)).toEqual(before);
  expect(await readCleaned(dataset)).toBeUndefined();
  await removeCleanManifest(dataset);
});

test("decisions that cannot be applied leave nothing behind, and no file open", async () => {
  const before = await readdir(dataset.directory);
  const wrong = decide(ids[3]!, { action: "relabel", label: "gleeful" });
  await expect(writeCleanManifest(dataset, [wrong])).rejects.toMatchObject({ code: "TF_DATASET_LABEL_UNKNOWN" });
  expect(await readdir(dataset.directory)).toEqual(before);
  const open = process.platform === "linux" ? await readdir("/proc/self/fd") : [];
  const paths = await Promise.all(open.map(async (number) => readlink(`/proc/self/fd/${number}`).catch(() => "")));
  expect(paths.filter((path) => path.startsWith(folder))).toEqual([]);
});
