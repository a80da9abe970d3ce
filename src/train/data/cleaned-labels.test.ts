import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { importDataset } from "../../datasets/import/import.node.ts";
import { openDataset } from "../../datasets/dataset.node.ts";
import { writeCleanManifest } from "../../datasets/review/decisions.node.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { parseTrainingConfig } from "../config.ts";
import { loadTrainingData } from "./samples.node.ts";
import { drawHalves } from "../testing.node.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cleaned-labels-"));
  await drawHalves(join(folder, "pictures"), 8);
  await importDataset("folder", join(folder, "pictures"), join(folder, "data"));
});
afterAll(() => rm(folder, { recursive: true }));

async function load(labels?: "cleaned" | "imported", cache = "cache") {
  const config = parseTrainingConfig(
    {
      name: "cleaned",
      data: [{ path: join(folder, "data"), ...(labels === undefined ? {} : { labels }) }],
      picture: { side: 8, colour: "grey" },
      network: { backbone: [{ layer: "flatten" }], heads: [{ task: "mood", layers: [{ layer: "dense", features: 7 }] }] },
      losses: [{ kind: "crossEntropy", head: "mood", target: { kind: "mood" } }],
      schedule: { kind: "constant", peak: 0.01 },
      batchSize: 8,
      epochs: 1,
      validation: { select: ["mood.accuracy"] },
    },
    "test",
  );
  const { samples, cleanings, hash } = await loadTrainingData(config, { cache: join(folder, cache), runtime: createNodeRuntime() });
  const train = samples.filter(({ role }) => role === "train");
  return { hash, cleanings, count: train.length, happy: train.filter(({ record }) => record.labels.mood === "happy").length };
}

test("a training learns the labels that a review left, unless it is told not to", async () => {
  const before = await load();
  expect(before).toMatchObject({ count: 80, happy: 40, cleanings: [undefined] });
  const dataset = await openDataset(join(folder, "data"));
  const happy = (await Array.fromAsync(dataset.records())).filter(({ split, labels }) => split === "train" && labels.mood === "happy");
  const common = { task: "mood", reviewer: "ada", at: "2026-11-28T10:00:00.000Z" } as const;
  await writeCleanManifest(dataset, [
    { ...common, id: happy[0]!.id, action: "drop" },
    { ...common, id: happy[1]!.id, action: "relabel", label: "sad" },
  ]);
  const after = await load();
  expect(after).toMatchObject({ count: 79, happy: 38, cleanings: [{ dropped: 1, relabelled: 1 }] });
  expect(after.hash).not.toBe(before.hash);
  expect(await load("imported")).toEqual(before);
});

test("a picture that has changed since the import is not learnt under its old name and label", async () => {
  const dataset = await openDataset(join(folder, "data"));
  const [first, second] = (await Array.fromAsync(dataset.records())).filter(({ split }) => split === "train");
  const path = dataset.picturePath(first!);
  const before = await readFile(path);
  await copyFile(dataset.picturePath(second!), path);
  await expect(load("imported", "empty")).rejects.toMatchObject({ code: "TF_INPUT_CHANGED", message: expect.stringContaining(path) });
  await writeFile(path, before);
  expect(await load("imported", "empty")).toMatchObject({ count: 80 });
});
