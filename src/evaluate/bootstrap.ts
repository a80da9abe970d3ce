import { createRandom, type OptionNames } from "../core/index.ts";
import { confidenceLevel, type Interval, wilsonInterval } from "./binomial.ts";
import type { Metric, MetricId } from "./metrics/registry.ts";
import type { Weights } from "./metrics/weights.ts";
import type { FacePrediction } from "./prediction.ts";
import type { TaskSample } from "./sample.ts";

export interface BootstrapOptions {
  /** How often the faces are drawn anew. @default 1000 */
  readonly replicates?: number | undefined;
  /** @default 1 */
  readonly seed?: number | undefined;
}
export const bootstrapOptionNames: OptionNames<BootstrapOptions> = { replicates: true, seed: true };

export const defaultReplicates = 1000;
export const defaultSeed = 1;

/** The values of each metric over the replicates; a replicate that cannot give the metric is left out. */
export type Replicates = ReadonlyMap<MetricId, readonly number[]>;

/** Index of the subject of each face of a sample, `[count]`, and how many there are. */
export function subjectIndices({ faces }: TaskSample): { readonly subjects: Int32Array; readonly count: number } {
  return subjectsOf(faces);
}

/** Index of the subject of each face, `[faces]`; a face without a subject is one of its own. */
export function subjectsOf(faces: readonly Pick<FacePrediction, "subjectId">[]): { readonly subjects: Int32Array; readonly count: number } {
  const known = new Map<string, number>();
  let count = 0;
  const subjects = Int32Array.from(faces, ({ subjectId }) => {
    const index = subjectId === undefined ? undefined : known.get(subjectId);
    if (index !== undefined) return index;
    if (subjectId !== undefined) known.set(subjectId, count);
    return count++;
  });
  return { subjects, count };
}

/** Some rows of a sample, and what to compute of them. */
export interface SamplePart {
  /** The rows as a sample of their own, in the order of `rows`. */
  readonly sample: TaskSample;
  /** Their indices in the whole sample. */
  readonly rows: ArrayLike<number>;
  readonly metrics: readonly Metric[];
}

/**
 * Draws the subjects of a sample anew, with replacement, and computes the metrics each time (Efron, 1979; whole subjects,
 * since faces of one person err together). Two models' samples of the same faces get the same draws from the same seed,
 * so their replicates can be subtracted.
 */
export function bootstrap(sample: TaskSample, metrics: readonly Metric[], options: BootstrapOptions = {}): Replicates {
  return bootstrapParts(sample, [{ sample, rows: sample.truth.map((_, row) => row), metrics }], options)[0]!;
}

/** {@link bootstrap} of parts of a sample, all from the same draws of the whole: drawing costs more than most metrics. */
export function bootstrapParts(whole: TaskSample, parts: readonly SamplePart[], options: BootstrapOptions = {}): Replicates[] {
  const { replicates = defaultReplicates, seed = defaultSeed } = options;
  const random = createRandom(seed);
  const { subjects, count } = subjectIndices(whole);
  const draws = new Int32Array(count);
  const collected = parts.map((part) => createCollector(part));
  for (let replicate = 0; replicate < replicates; replicate++) {
    draws.fill(0);
    for (let draw = 0; draw < count; draw++) draws[random.integer(count)]! += 1;
    for (const { collect } of collected) collect(draws, subjects);
  }
  return collected.map(({ values }) => values);
}

function createCollector({ sample, rows, metrics }: SamplePart) {
  const values = new Map<MetricId, number[]>(metrics.map(({ id }) => [id, []]));
  const weights: Weights = new Float64Array(sample.count);
  const collect = (draws: Int32Array, subjects: Int32Array): void => {
    for (let row = 0; row < weights.length; row++) weights[row] = draws[subjects[rows[row]!]!]!;
    for (const { id, compute } of metrics) {
      const value = compute(sample, weights);
      if (value !== undefined) values.get(id)!.push(value);
    }
  };
  return { values, collect };
}

/** The central 95 % of replicates; undefined for fewer than two. */
export function percentileInterval(replicates: readonly number[]): Interval | undefined {
  if (replicates.length < 2) return undefined;
  const sorted = Float64Array.from(replicates).sort();
  const tail = (1 - confidenceLevel) / 2;
  return { low: quantile(sorted, tail), high: quantile(sorted, 1 - tail) };
}

/** Linear interpolation between order statistics (type 7 of Hyndman and Fan, 1996). */
export function quantile(sorted: ArrayLike<number>, probability: number): number {
  const position = (sorted.length - 1) * probability;
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (sorted[above]! - sorted[below]!) * (position - below);
}

/**
 * The interval of a metric from its replicates; of one subject nothing is known. Shares have intervals of their own: where all cases agree, no draw
 * differs from another, and the bootstrap would claim certainty.
 * @param subjects of the faces that the metric is computed of, how many
 */
export function metricInterval(replicates: readonly number[], subjects: number): Interval | undefined {
  return subjects < 2 ? undefined : percentileInterval(replicates);
}

/**
 * The interval of the difference between two models' values of a metric, from its replicates. One subject tells nothing of others. Where no
 * draw differs from another, a difference of shares has the score interval of matched pairs over the subjects (Tango, Statistics in Medicine
 * 1998), which for pairs that all agree is Wilson's.
 * @param subjects of the faces that both models' values are computed of, how many
 */
export function differenceInterval(
  metric: Metric,
  difference: number,
  replicates: readonly number[],
  subjects: number,
): Interval | undefined {
  if (subjects < 2) return undefined;
  if (metric.unit !== "share" || !areAlike(replicates)) return percentileInterval(replicates);
  // Neither is better on any pair: by how much one may be on others is what no hit in so many leaves open.
  if (difference === 0) return { low: -wilsonInterval(0, subjects).high, high: wilsonInterval(0, subjects).high };
  const { low, high } = wilsonInterval((1 + difference) / 2, subjects);
  return { low: 2 * low - 1, high: 2 * high - 1 };
}

function areAlike(replicates: readonly number[]): boolean {
  return replicates.every((value) => value === replicates[0]);
}
