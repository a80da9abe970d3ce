/**
 * What cleaning is worth: a linear head on the first network's features, taught with labels as they are, with planted errors, after a review of
 * the first tenth of the queue, and without the labels that are more likely wrong than right, which nobody looked at. Tested on faces whose
 * labels nobody touched.
 *
 *     npm run bench -- worth DIR --task mood --shares 0.05,0.2
 */
import { createRandom } from "../src/core/index.ts";
import { classOf, type FaceRecord, reviewClasses, splits } from "../src/datasets/index.ts";
import { applyHead, type FeatureMatrix, finishHead, fitSoftmax, prepareExamples } from "../src/features/index.ts";
import { judgeLabels } from "../src/predict/doubt/index.ts";
import { plantErrors } from "./cleaning/plant.ts";
import { prepareFaces } from "./cleaning/prepare.ts";
import { anyText, choice, endWithUsage, neededText, numberList, readWords, wholeNumber } from "../scripts/words.ts";

const { values, operands, usage } = readWords(
  "npm run bench -- worth",
  {
    task: neededText("NAME"),
    count: wholeNumber(2500),
    shares: numberList([0, 0.05, 0.2]),
    seeds: wholeNumber(3),
    split: choice(splits),
    features: anyText(),
  },
  { operands: ["DIR"] },
);
const directory = operands[0]!;
const { task } = values;

const ridge = 0.1;
/** The folds whose faces test: two of five. */
const testFolds = 2;
const prepare = { task, count: values.count, split: values.split, features: values.features };
const { dataset, records, folds, aspects, unseen } = await prepareFaces(directory, prepare);
const { tasks = [] } = dataset.info;
if (tasks.some(({ name, kind }) => name === task && kind === "number"))
  endWithUsage(`${task} is a number, and the head that learns here tells classes`, usage);
const { rows, columns, standard: data } = aspects.find(({ neighbours }) => neighbours !== undefined)!.folded;
const features: FeatureMatrix = { rows, columns, data };
const found = new Set(records.map(({ labels }) => classOf(labels, task)!));
const present = reviewClasses(task, tasks, found).filter((label) => found.has(label));
const labelOf = ({ labels }: FaceRecord): number => present.indexOf(classOf(labels, task)!);
const everyone = records.map((_, index) => index);
const test = everyone.filter((index) => folds[index]! < testFolds);
const taught = everyone.filter((index) => folds[index]! >= testFolds);

/** Which of the test faces a head gets right that learnt from some faces with some labels. */
function examine(learnt: readonly number[], labels: ArrayLike<number>): boolean[] {
  const examples = prepareExamples(features, learnt);
  const given = Int32Array.from(learnt, (index) => labels[index]!);
  const parameters = fitSoftmax({
    examples,
    rows: Int32Array.from(learnt, (_, row) => row),
    labels: given,
    classes: present.length,
    ridge,
    tolerance: 1e-5,
  });
  const head = finishHead(parameters, examples);
  return test.map((index) => {
    const scores = applyHead(head, features, index);
    return scores.indexOf(Math.max(...scores)) === labelOf(records[index]!);
  });
}

/** Percent right, and the interval of the difference to another head over draws of test faces. */
function describe(right: readonly boolean[], than: readonly boolean[]): string {
  const random = createRandom(1);
  const share = (some: readonly boolean[]): number => some.filter(Boolean).length / some.length;
  const differences = Array.from({ length: 1000 }, () => {
    let sum = 0;
    for (let draw = 0; draw < right.length; draw++) {
      const index = random.integer(right.length);
      sum += Number(right[index]) - Number(than[index]);
    }
    return (100 * sum) / right.length;
  }).toSorted((a, b) => a - b);
  const difference = 100 * (share(right) - share(than));
  return `${(100 * share(right)).toFixed(1)} (${difference >= 0 ? "+" : ""}${difference.toFixed(1)}, ${differences[25]!.toFixed(1)} to ${differences[975]!.toFixed(1)})`;
}

console.log(
  `${dataset.info.title}, ${task}: ${taught.length} faces learnt, ${test.length} tested; percent right (difference to the labels with errors, 95 %)`,
);
for (const share of values.shares) {
  for (let seed = 1; seed <= values.seeds; seed++) {
    const { records: wrong } = plantErrors(records, { task, tasks, share, mistake: "uniform", seed });
    const doubts = (await judgeLabels(wrong, task, aspects, { own: tasks, unseen })).labels.map(({ doubt }) => doubt);
    const queue = taught.toSorted((a, b) => doubts[b]! - doubts[a]!);
    const reviewed = new Set(queue.slice(0, Math.ceil(queue.length / 10)));
    const labels = wrong.map(labelOf);
    const mended = wrong.map((record, index) => labelOf(reviewed.has(index) ? records[index]! : record));
    const dirty = examine(taught, labels);
    const lines = [
      `as published ${describe(examine(taught, records.map(labelOf)), dirty)}`,
      `reviewed ${describe(examine(taught, mended), dirty)}`,
      `without the doubted ${describe(
        examine(
          taught.filter((index) => doubts[index]! <= 0.5),
          labels,
        ),
        dirty,
      )}`,
    ];
    console.log(`  ${100 * share} % planted, seed ${seed}: with errors ${describe(dirty, dirty).split(" ")[0]}; ${lines.join("; ")}`);
  }
}
