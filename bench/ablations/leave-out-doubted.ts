/**
 * Writes a copy of an imported dataset (its manifest, not its pictures) from which the training faces whose labels `dataset doubt`
 * doubts most are dropped, unseen by anybody: what the first part of a label review's queue is worth to a training.
 *
 *     node bench/ablations/leave-out-doubted.ts .data/imported/fer2013 OUT --task mood --share 0.03
 */
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { runTensorFace } from "../../scripts/steps.ts";
import { openDataset } from "../../src/datasets/dataset.node.ts";
import { writeCleanManifest } from "../../src/datasets/review/decisions.node.ts";
import { builtInTasks } from "../../src/core/index.ts";
import { readSuspicions } from "../../src/datasets/suspicion.node.ts";
import { anyNumber, choice, readWords } from "../../scripts/words.ts";

const { values, operands } = readWords(
  "node bench/ablations/leave-out-doubted.ts",
  { task: choice(builtInTasks, "mood"), share: anyNumber(0.03) },
  { operands: ["DATASET", "OUT"] },
);
const [source = "", out = ""] = operands;
const { task } = values;

runTensorFace(["dataset", "doubt", source, "--task", task, "--split", "train"], { isQuiet: true });
const from = await openDataset(source);
const queue = (await readSuspicions(source, task)) ?? [];
const worst = queue.toSorted((a, b) => b.doubt - a.doubt).slice(0, Math.round(queue.length * values.share));
await mkdir(out, { recursive: true });
await copyFile(join(source, from.info.manifest), join(out, from.info.manifest));
const root = relative(out, resolve(source, from.info.root)).replaceAll("\\", "/");
await writeFile(join(out, "dataset.json"), `${JSON.stringify({ ...from.info, root }, undefined, 2)}\n`);
const at = new Date().toISOString();
const { kept, dropped } = await writeCleanManifest(
  await openDataset(out),
  worst.map(({ id }) => ({ id, task, reviewer: "score", at, action: "drop" })),
);
console.error(`${out}: ${dropped} doubted faces dropped, ${kept} kept`);
