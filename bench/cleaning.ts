/**
 * How well the review's queue finds wrong labels: plants errors in a dataset's labels, ranks all, and counts the planted ones in the first 8
 * and 10 % of the queue, beside confident learning on the same probabilities.
 *
 *     npm run bench -- cleaning DIR --task mood --shares 0.05,0.02,0.2 --mistakes uniform,human
 *
 * DIR is an imported dataset. What is seen of its faces is kept there. A set of tags is one class; numbers have none, and no confident learning.
 */
import { classOf, type FaceRecord, reviewClasses, splits } from "../src/datasets/index.ts";
import { type Aspect, classViews, type Judgement, judgeLabels, weighClasses } from "../src/predict/doubt/index.ts";
import { confidentQueues } from "./cleaning/confident-queues.ts";
import { crossValidatedProbabilities } from "./cleaning/logistic-regression.ts";
import { measureQueue, type QueueQuality, sortedBy } from "./cleaning/measure.ts";
import { type Mistake, plantErrors } from "./cleaning/plant.ts";
import { prepareFaces } from "./cleaning/prepare.ts";
import { anyText, choice, flag, neededText, numberList, readWords, someOf, wholeNumber } from "../scripts/words.ts";

const { values, operands } = readWords(
  "npm run bench -- cleaning",
  {
    task: neededText("NAME"),
    count: wholeNumber(2500),
    shares: numberList([0.05]),
    mistakes: someOf(["uniform", "human"], ["uniform"]),
    seeds: wholeNumber(3),
    split: choice(splits),
    features: anyText(),
    /** Also the queue of earlier versions: one logistic regression on the first network's features. */
    former: flag,
    /** Writes all rows as JSON too. */
    json: flag,
  },
  { operands: ["DIR"] },
);
const directory = operands[0]!;
const { task } = values;

const started = performance.now();
const { dataset, records, folds, aspects, unseen, networks } = await prepareFaces(directory, {
  task,
  count: values.count,
  split: values.split,
  features: values.features,
});
const { tasks = [] } = dataset.info;
const isNumber = tasks.some(({ name, kind }) => name === task && kind === "number");
const seconds = (performance.now() - started) / 1000;
console.log(
  `${dataset.info.title}, ${task}: ${records.length} faces; ${networks.join(", ")}; ready in ${seconds.toFixed(0)} s (kept: less)`,
);

for (const share of values.shares) {
  for (const mistake of values.mistakes) reportRows(share, mistake, await measureAll(share, mistake));
}

interface Run {
  readonly qualities: Readonly<Record<string, QueueQuality>>;
  /** In the first tenth: how many were thought to be wrong, and how many planted ones stand there. */
  readonly expected: number;
  readonly planted: number;
}

async function measureAll(share: number, mistake: Mistake): Promise<Run[]> {
  const runs: Run[] = [];
  for (let seed = 1; seed <= values.seeds; seed++) {
    const { records: given, planted } = plantErrors(records, { task, tasks, share, mistake, seed });
    runs.push(await measureQueues(given, planted));
  }
  return runs;
}

async function measureQueues(given: readonly FaceRecord[], planted: ReadonlySet<string>): Promise<Run> {
  const ids = given.map(({ id }) => id);
  const judgement = await judgeLabels(given, task, aspects, { own: tasks, unseen });
  const doubts = judgement.labels.map(({ doubt }) => doubt);
  const queue = sortedBy(ids, doubts);
  const queues = { "the queue": queue, ...(isNumber ? {} : await queuesOfClasses(given, judgement)) };
  const tenth = Math.ceil(ids.length / 10);
  return {
    qualities: Object.fromEntries(Object.entries(queues).map(([name, order]) => [name, measureQueue(order, planted)])),
    expected: doubts
      .toSorted((a, b) => b - a)
      .slice(0, tenth)
      .reduce((sum, doubt) => sum + doubt, 0),
    planted: queue.slice(0, tenth).filter((id) => planted.has(id)).length,
  };
}

/** What else ranks labels, each by the probabilities of classes; numbers are none. */
async function queuesOfClasses(given: readonly FaceRecord[], judgement: Judgement): Promise<Record<string, readonly string[]>> {
  const ids = given.map(({ id }) => id);
  const encoded = encode(given);
  const { labels, classes } = encoded;
  // Labels with an order, and tags, are judged without probabilities of classes.
  const probabilities = judgement.probabilities ?? (await classProbabilities(encoded));
  return {
    ...confidentQueues(ids, probabilities, labels, classes),
    ...(values.former ? { "as before: one regression, self-confidence": formerQueue(ids, labels, classes, aspects) } : {}),
  };
}

interface EncodedLabels {
  readonly labels: Int32Array;
  readonly classes: number;
  readonly names: readonly string[];
}

async function classProbabilities(encoded: EncodedLabels): Promise<Float64Array> {
  const [views = []] = await classViews(aspects, [encoded]);
  return weighClasses(views, encoded.labels, encoded.classes).probabilities;
}

function encode(given: readonly FaceRecord[]): EncodedLabels {
  const names = given.map(({ labels }) => classOf(labels, task)!);
  const present = reviewClasses(task, tasks, names).filter((label) => names.includes(label));
  return { labels: Int32Array.from(names, (name) => present.indexOf(name)), classes: present.length, names: present };
}

function formerQueue(ids: readonly string[], labels: Int32Array, classes: number, all: readonly Aspect[]): string[] {
  const { rows, columns, standard: data } = all.find(({ neighbours }) => neighbours !== undefined)!.folded;
  const probabilities = crossValidatedProbabilities({ rows, columns, data }, labels, folds, classes);
  return sortedBy(
    ids,
    ids.map((_, face) => 1 - probabilities[face * classes + labels[face]!]!),
  );
}

function reportRows(share: number, mistake: Mistake, runs: readonly Run[]): void {
  const percent = (value: number): string => (100 * value).toFixed(1);
  console.log(`\n${percent(share)} % planted, ${mistake}; found in the first 8 % / 10 %, by seed; area under precision and recall`);
  for (const name of Object.keys(runs[0]!.qualities)) {
    const each = runs.map(({ qualities }) => qualities[name]!);
    const list = (of: (quality: QueueQuality) => number): string => each.map((quality) => percent(of(quality))).join(", ");
    const area = each.reduce((sum, quality) => sum + quality.area, 0) / each.length;
    console.log(`  ${name.padEnd(44)} ${list((q) => q.first8)} / ${list((q) => q.first10)}   ${area.toFixed(3)}`);
  }
  const said = runs.map(({ expected, planted }) => `${expected.toFixed(0)} (${planted})`).join(", ");
  console.log(`  wrong labels in the first tenth as the queue says, and (planted ones there): ${said}`);
  if (values.json) console.log(JSON.stringify({ task, share, mistake, count: records.length, runs }));
}
