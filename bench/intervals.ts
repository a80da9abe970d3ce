import { readFile, writeFile } from "node:fs/promises";
import { flag, readWords, wholeNumber } from "../scripts/words.ts";
import { createRandom, moods, type Random } from "../src/core/index.ts";
import {
  bootstrap,
  estimate,
  type Metric,
  metricById,
  percentileInterval,
  type TaskSample,
  wilsonInterval,
} from "../src/evaluate/index.ts";
import { facePrediction } from "../src/evaluate/testing.ts";
import { replaceBetweenMarkers } from "./report.ts";

/**
 * How often the intervals of accuracy, balanced accuracy and macro F1 hold what is true, when splits are drawn again and again from a model whose
 * every rate is known; beside them the percentiles of the bootstrap. With `--write` its table stands in `docs/lab/intervals.md` afterwards.
 *
 *     npm run bench -- intervals [--splits 4000] [--bootstrapped 500] [--write]
 */

interface World {
  readonly title: string;
  /** Share of the faces of each mood, in the order of `moods`. */
  readonly shares: readonly number[];
  /** How often each is named right. Mistakes go to the others by their shares. */
  readonly recalls: readonly number[];
  /** Faces of one person, who has one mood and half of the time one answer. @default 1 */
  readonly facesPerSubject?: number;
}

// angry, disgust, fear, happy, sad, surprise, neutral: as often as in FER2013.
const shares = [0.138, 0.015, 0.143, 0.25, 0.169, 0.112, 0.173];
const worlds: readonly World[] = [
  { title: "as FER2013: 1.5 % disgust", shares, recalls: [0.62, 0.55, 0.5, 0.87, 0.6, 0.8, 0.7] },
  { title: "the same, a better model", shares, recalls: [0.9, 0.8, 0.88, 0.97, 0.9, 0.95, 0.92] },
  {
    title: "0.5 % disgust, rarely told",
    shares: [0.2, 0.005, 0.1, 0.4, 0.1, 0.095, 0.1],
    recalls: [0.62, 0.25, 0.5, 0.87, 0.6, 0.8, 0.7],
  },
  { title: "as FER2013, four faces a person", shares, recalls: [0.62, 0.55, 0.5, 0.87, 0.6, 0.8, 0.7], facesPerSubject: 4 },
];
const sizes = [50, 200, 1000];
const measured = ["accuracy", "balancedAccuracy", "macroF1"] as const;

function pick(random: Random, weights: readonly number[]): number {
  let rest = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  const index = weights.findIndex((weight) => (rest -= weight) < 0);
  return index < 0 ? weights.length - 1 : index;
}

function confusionRow({ shares: given, recalls }: World, mood: number): number[] {
  return given.map((share, answer) => (answer === mood ? recalls[mood]! : ((1 - recalls[mood]!) * share) / (1 - given[mood]!)));
}

function drawSplit(world: World, n: number, random: Random): TaskSample {
  const { facesPerSubject = 1 } = world;
  const truth = new Int32Array(n);
  const predicted = new Int32Array(n);
  for (let face = 0; face < n; face++) {
    const isFirst = face % facesPerSubject === 0;
    truth[face] = isFirst ? pick(random, world.shares) : truth[face - 1]!;
    const own = pick(random, confusionRow(world, truth[face]!));
    predicted[face] = isFirst || random.uniform() < 0.5 ? own : predicted[face - (face % facesPerSubject)]!;
  }
  const faces = Array.from(truth, (_, face) => facePrediction(String(face), { subjectId: String(Math.floor(face / facesPerSubject)) }));
  const empty = new Float64Array(n);
  return {
    task: "mood",
    kind: "classes",
    classNames: moods,
    count: n,
    faces,
    truth,
    predicted,
    confidence: empty,
    logLoss: empty,
    brier: empty,
    byConfidence: new Int32Array(0),
  };
}

/** What the number would be of endlessly many faces; that of classes over those that the split has something of. */
function truthOf(world: World, { id }: Metric, { truth, predicted }: TaskSample): number {
  if (id === "accuracy") return world.shares.reduce((sum, share, mood) => sum + share * world.recalls[mood]!, 0);
  const rows = world.shares.map((share, mood) => confusionRow(world, mood).map((rate) => rate * share));
  const values = world.recalls.flatMap((recall, mood) => {
    if (id === "balancedAccuracy") return truth.includes(mood) ? [recall] : [];
    const named = rows.reduce((sum, row) => sum + row[mood]!, 0);
    return truth.includes(mood) || predicted.includes(mood) ? [(2 * rows[mood]![mood]!) / (world.shares[mood]! + named)] : [];
  });
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

class Tally {
  n = 0;
  below = 0;
  above = 0;
  width = 0;

  add({ low, high }: { readonly low: number; readonly high: number }, truth: number): void {
    this.n++;
    this.width += high - low;
    if (truth < low) this.below++;
    if (truth > high) this.above++;
  }

  /** `94.6 (94.1 to 95.0), 1.9 / 3.5, 0.152`: held with its interval, true value below and above, mean width. */
  toString(): string {
    const held = (this.n - this.below - this.above) / this.n;
    const { low, high } = wilsonInterval(held, this.n);
    const percent = (share: number): string => (100 * share).toFixed(1);
    const sides = `${percent(this.below / this.n)} / ${percent(this.above / this.n)}`;
    return `${percent(held)} (${percent(low)} to ${percent(high)}) | ${sides} | ${(this.width / this.n).toFixed(3)}`;
  }
}

function simulate(world: World, n: number, splits: number, bootstrapped: number): string[] {
  const random = createRandom(n);
  const metrics = measured.map((id) => metricById(id));
  const tallies = metrics.map(() => ({ own: new Tally(), percentiles: new Tally() }));
  for (let split = 0; split < splits; split++) {
    const sample = drawSplit(world, n, random);
    const { intervals } = estimate(sample, metrics, {});
    const drawn = split < bootstrapped ? bootstrap(sample, metrics, { replicates: 400, seed: split }) : undefined;
    for (const [index, metric] of metrics.entries()) {
      const truth = truthOf(world, metric, sample);
      tallies[index]!.own.add(intervals[metric.id]!, truth);
      const replicates = drawn?.get(metric.id);
      if (replicates !== undefined) tallies[index]!.percentiles.add(percentileInterval(replicates)!, truth);
    }
  }
  return metrics.flatMap(({ title }, index) => {
    const { own, percentiles } = tallies[index]!;
    const row = `| ${world.title} | ${n} | ${title} | ours | ${own.toString()} |`;
    return percentiles.n === 0 ? [row] : [row, `| | | | percentiles | ${percentiles.toString()} |`];
  });
}

const { splits, bootstrapped, write } = readWords("npm run bench -- intervals", {
  splits: wholeNumber(4000),
  bootstrapped: wholeNumber(500),
  write: flag,
}).values;
const lines = [
  `${splits} splits drawn for each row, ${bootstrapped} of them bootstrapped (400 draws); seeded, so that the table can be made again.`,
  "",
  "| world | faces | metric | interval | holds, % (95 % interval) | truth below / above, % | mean width |",
  "| --- | ---: | --- | --- | --- | --- | ---: |",
];
for (const world of worlds) {
  for (const n of sizes) {
    const rows = simulate(world, n, splits, bootstrapped);
    process.stderr.write(`${rows.join("\n")}\n`);
    lines.push(...rows);
  }
}
const page = new URL("../docs/lab/intervals.md", import.meta.url);
console.log(lines.join("\n"));
if (write) await writeFile(page, replaceBetweenMarkers(await readFile(page, "utf8"), lines.join("\n"), "intervals"));
