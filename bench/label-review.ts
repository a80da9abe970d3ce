import { parseArgs } from "node:util";
import { builtInTasks, createRandom, shuffled } from "../src/core/index.ts";
import { openInstalledExtractors } from "../src/predict/index.ts";
import { judgeLabels } from "../src/predict/doubt/index.ts";
import { classesOf, classOf, type FaceRecord, rankSuspicions } from "../src/datasets/index.ts";
import { openDataset } from "../src/datasets/dataset.node.ts";
import { cachedFeatures } from "../src/features/feature-cache.node.ts";
import { type FeatureMatrix, joinFeatures } from "../src/features/index.ts";
import { relabel } from "../src/datasets/review/index.ts";

/**
 * How well the review's queue finds wrong labels: flips a share of a subset's labels, ranks all, and counts the flipped ones in
 * the first tenth. `npm run bench -- review DIR --task mood` (DIR: an imported dataset). Picture flags are left out: this is of
 * the labels alone.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    task: { type: "string", default: "gender" },
    count: { type: "string", default: "4000" },
    share: { type: "string", default: "0.05" },
    seeds: { type: "string", default: "3" },
    split: { type: "string" },
    features: { type: "string" },
  },
});
const task = builtInTasks.find((name) => name === values.task);
const [directory] = positionals;
if (task === undefined || directory === undefined) {
  throw new Error(`usage: bench/label-review.ts DIR --task ${builtInTasks.join("|")} [--count N] [--share 0.05] [--seeds 3]`);
}

const dataset = await openDataset(directory);
const all = await Array.fromAsync(dataset.records());
const usable = all.filter(({ labels, split }) => classOf(labels, task) !== undefined && (values.split ?? split) === split);
const records = shuffled(usable, createRandom(7)).slice(0, Number(values.count));
await using opened = await openInstalledExtractors({ dataset, records, task }, values.features);
const started = performance.now();
const parts: FeatureMatrix[] = [];
for (const extractor of opened.extractors) parts.push(await cachedFeatures(dataset, records, extractor, {}));
const features = joinFeatures(parts);
const featureSeconds = (performance.now() - started) / 1000;

const classes = classesOf(task);
const shares: number[] = [];
let judgeSeconds = 0;
for (let seed = 1; seed <= Number(values.seeds); seed++) {
  const { given, flipped } = flip(records, task, seed);
  const began = performance.now();
  const faces = given.map(({ id, labels }) => ({ id, given: classOf(labels, task)!, flags: [] }));
  const queue = rankSuspicions(task, classes, faces, judgeLabels(given, { task, classes }, features));
  judgeSeconds += (performance.now() - began) / 1000;
  const first = queue.slice(0, Math.ceil(queue.length / 10));
  shares.push(first.filter(({ id }) => flipped.has(id)).length / flipped.size);
}
const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
console.log(`${dataset.info.format}, ${task}: ${records.length} faces, ${percent(Number(values.share))} of the labels flipped`);
console.log(`features ${opened.extractors.map(({ name }) => name).join(" + ")}: ${featureSeconds.toFixed(1)} s (cached: less)`);
console.log(`judging ${(judgeSeconds / shares.length).toFixed(1)} s`);
console.log(`flipped labels in the first tenth of the queue, by seed: ${shares.map(percent).join(", ")}`);

/** Gives a share of the records another class, drawn evenly from the others. */
function flip(from: readonly FaceRecord[], kind: string, seed: number): { given: FaceRecord[]; flipped: ReadonlySet<string> } {
  const random = createRandom(seed);
  const present = classesOf(kind).filter((label) => from.some(({ labels }) => classOf(labels, kind) === label));
  const chosen = shuffled(
    from.map((_, index) => index),
    random,
  ).slice(0, Math.round(from.length * Number(values.share)));
  const given = [...from];
  for (const index of chosen) {
    const others = present.filter((label) => label !== classOf(from[index]!.labels, kind));
    given[index] = { ...from[index]!, labels: relabel(from[index]!.labels, kind, others[random.integer(others.length)]!) };
  }
  return { given, flipped: new Set(chosen.map((index) => from[index]!.id)) };
}
