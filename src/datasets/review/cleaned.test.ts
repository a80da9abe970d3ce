import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { encode } from "../../image/encode.node.ts";
import { filledImage } from "../../image/index.ts";
import { type Dataset, importDataset, openDataset } from "../index.ts";
import { readCleaned } from "./cleaned.node.ts";
import type { Decision } from "./decisions.ts";
import { writeCleanManifest } from "./decisions.node.ts";

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

test("a manifest that changed since is not mixed with old decisions", async () => {
  await writeCleanManifest(dataset, [decide(ids[0]!, { action: "drop" })]);
  const records = await Array.fromAsync(dataset.records());
  const write = (changed: readonly object[]) =>
    writeFile(join(dataset.directory, "manifest.jsonl"), changed.map((record) => `${JSON.stringify(record)}\n`).join(""));
  const stale = { code: "TF_DATASET_INVALID", message: expect.stringContaining("another state of the manifest") };
  // A face on the other side of a split, as `dataset duplicates` may move it.
  await write(records.map((record, index) => Object.assign({}, record, index === 3 && { split: "validation" })));
  await expect(readCleaned(dataset)).rejects.toMatchObject(stale);
  // A face that is no longer there.
  await write(records.slice(0, 3));
  await expect(readCleaned(dataset)).rejects.toMatchObject(stale);
  await write(records);
  expect(await readCleaned(dataset)).toMatchObject({ dropped: 1 });
});
