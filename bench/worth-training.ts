/**
 * What cleaning is worth to a whole training: a small network learns from nothing, with labels as published, with planted errors, and after a
 * review of the first tenth of the queue by somebody who knows the truth. Tested on other faces of the dataset, whose labels nobody touched.
 *
 *     npm run bench -- worth-training DIR --task gender --shares 0.05,0.2
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { createRandom, shuffled } from "../src/core/index.ts";
import { classesOf, type FaceRecord, splits } from "../src/datasets/index.ts";
import { judgeLabels, labelledRecords } from "../src/predict/doubt/index.ts";
import { defineTraining, type TrainingConfigInput } from "../src/train/index.ts";
import { dense, residualNetwork } from "../src/train/network/index.ts";
import { plantErrors } from "./cleaning/plant.ts";
import { prepareFaces } from "./cleaning/prepare.ts";
import { runToEnd } from "./measured-command.ts";
import { anyText, choice, numberList, readWords, wholeNumber } from "../scripts/words.ts";

const { values, operands } = readWords(
  "npm run bench -- worth-training",
  {
    task: choice(["gender", "mood"], "gender"),
    count: wholeNumber(2500),
    tested: wholeNumber(2000),
    shares: numberList([0.05, 0.2]),
    seeds: wholeNumber(1),
    epochs: wholeNumber(12),
    split: choice(splits),
    features: anyText(),
  },
  { operands: ["DIR"] },
);
const directory = operands[0]!;
const { task, epochs } = values;

const { dataset, records, aspects, unseen } = await prepareFaces(directory, {
  task,
  count: values.count,
  split: values.split,
  features: values.features,
});
const drawn = new Set(records.map(({ id }) => id));
const others = (await labelledRecords(dataset, task, values.split)).filter(({ id }) => !drawn.has(id));
const tested = shuffled(others, createRandom(8)).slice(0, values.tested);
const root = resolve(directory, dataset.info.root);
const classes = classesOf(task, dataset.info.tasks).length;
const network = residualNetwork({
  input: { kind: "picture", channels: 1, height: 48, width: 48, mean: [127.5], standardDeviation: [64] },
  stem: { channels: 16, stride: 2 },
  widths: [16, 32, 64],
  blocks: [1, 1, 1],
  heads: {},
});

function configOf(path: string, seed: number): TrainingConfigInput {
  return defineTraining({
    name: "worth",
    seed,
    data: [{ path }],
    picture: { side: 48, colour: "grey", mean: 127.5, standardDeviation: 64 },
    network: { backbone: [...network.backbone], heads: [{ task: task, layers: [{ layer: "dropout", rate: 0.2 }, dense(classes)] }] },
    losses: [{ kind: "crossEntropy", head: task, target: { kind: task === "mood" ? "mood" : "gender" }, labelSmoothing: 0.05 }],
    optimiser: { kind: "adamw", weightDecay: 0.05 },
    schedule: { kind: "oneCycle", peak: 0.004, rise: 0.25 },
    batchSize: 64,
    epochs,
    augmentation: { flip: 0.5, rotate: 10, scale: 0.1, shift: 0.06, brightness: 0.15, contrast: 0.2 },
    averageDecay: 0.98,
    // Only the end is tested, so that the faces that are reported on choose nothing.
    validation: { select: [`${task}.accuracy`], every: epochs },
  });
}

const lineSchema = z.object({ validation: z.object({ metrics: z.record(z.string(), z.number()) }).optional() });

/** The share of the tested faces that a network gets right which learnt from some records. */
async function accuracyAfter(learnt: readonly FaceRecord[], seed: number): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "worth-"));
  try {
    const lines = [
      ...learnt.map((record) => Object.assign({}, record, { split: "train" })),
      ...tested.map((record) => Object.assign({}, record, { split: "validation" })),
    ];
    await writeFile(join(folder, dataset.info.manifest), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    await writeFile(join(folder, "dataset.json"), JSON.stringify(Object.assign({}, dataset.info, { root })));
    await writeFile(join(folder, "config.json"), JSON.stringify(configOf(folder, seed)));
    const run = await runToEnd(["train", join(folder, "config.json"), "--out", join(folder, "run"), "--threads", "1"]);
    if (run.code !== 0) throw new Error(run.stderr);
    const log = (await readFile(join(folder, "run", "metrics.jsonl"), "utf8")).trim().split("\n");
    const measured = log.map((line) => lineSchema.parse(JSON.parse(line)).validation?.metrics[`${task}.accuracy`]);
    return measured.findLast((accuracy) => accuracy !== undefined)!;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Percent right, and the difference to other labels with its 95 % interval: of two shares of as many faces, as if they were other ones. */
function describe(right: number, than: number): string {
  const deviation = Math.sqrt((right * (1 - right) + than * (1 - than)) / tested.length);
  const percent = (share: number): string => (100 * share).toFixed(1);
  return `${percent(right)} (${percent(right - than)}, ${percent(right - than - 1.96 * deviation)} to ${percent(right - than + 1.96 * deviation)})`;
}

console.log(
  `${dataset.info.title}, ${task}: ${records.length} faces learnt in ${epochs} epochs, ${tested.length} tested; percent right (difference to the labels with errors, 95 %)`,
);
for (let seed = 1; seed <= values.seeds; seed++) {
  const published = await accuracyAfter(records, seed);
  console.log(`  seed ${seed}: as published ${(100 * published).toFixed(1)}`);
  for (const share of values.shares) {
    const { records: wrong, planted } = plantErrors(records, { task, tasks: dataset.info.tasks, share, mistake: "uniform", seed });
    const { labels } = await judgeLabels(wrong, task, aspects, { own: dataset.info.tasks, unseen });
    const queue = [...wrong.keys()].toSorted((a, b) => labels[b]!.doubt - labels[a]!.doubt);
    const reviewed = new Set(queue.slice(0, Math.ceil(queue.length / 10)));
    const mended = wrong.map((record, index) => (reviewed.has(index) ? records[index]! : record));
    const left = mended.filter((record, index) => planted.has(record.id) && !reviewed.has(index)).length;
    const dirty = await accuracyAfter(wrong, seed);
    console.log(
      `  ${100 * share} % planted, seed ${seed}: with errors ${(100 * dirty).toFixed(1)}; reviewed (${left} of ${planted.size} wrong ones left) ${describe(await accuracyAfter(mended, seed), dirty)}; published ${describe(published, dirty)}`,
    );
  }
}
