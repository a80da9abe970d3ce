import { type AgeGroup, type BuiltInTask, genders, labelIndex, maximumAge, moods, softmax, type TaskDefinition } from "../core/index.ts";
import { expectedCalibrationError } from "./metrics/calibration.ts";
import { fitIntervalMass } from "./interval-fit.ts";
import { intervalCoverage } from "./metrics/age.ts";
import { unitWeights } from "./metrics/weights.ts";
import type { FacePrediction } from "./prediction.ts";
import type { TemperatureFit } from "./report.ts";
import { buildOwnSamples } from "./own-sample.ts";
import { buildSample, type TaskSample } from "./sample.ts";

/** What is true of one face: the index of its class, or the first and last of the years that its label allows. */
export interface TargetRange {
  readonly low: number;
  readonly high: number;
}

/** Temperatures are looked for in this range; a fit at its end says that the logits carry no usable confidence. */
const temperatureRange = { low: 0.05, high: 20 } as const;
const gridSteps = 32;
/** Relative accuracy of a fitted temperature. */
const tolerance = 1e-5;

/**
 * Mean negative log-likelihood, in nats, of the targets under `softmax(logits / temperature)`; a range of indices has the
 * sum of its probabilities.
 */
export function temperatureLoss(logits: readonly ArrayLike<number>[], targets: readonly TargetRange[], temperature: number): number {
  let sum = 0;
  for (const [row, values] of logits.entries()) {
    const { low, high } = targets[row]!;
    sum += logSumExp(values, 0, values.length - 1, temperature) - logSumExp(values, low, high, temperature);
  }
  return sum / logits.length;
}

function logSumExp(logits: ArrayLike<number>, first: number, last: number, temperature: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let index = first; index <= last; index++) largest = Math.max(largest, logits[index]!);
  let sum = 0;
  for (let index = first; index <= last; index++) sum += Math.exp((logits[index]! - largest) / temperature);
  return largest / temperature + Math.log(sum);
}

/**
 * The temperature that makes the targets most likely (Guo et al., ICML 2017). For single classes the loss is convex in
 * `1 / temperature`; with ranges it need not be, so a grid finds the valley before golden-section search goes down it.
 *
 * @param logits `[n][classes]`; logarithms of probabilities do as well, since softmax ignores what is added to all
 * @param targets `[n]`
 * @throws {RangeError} without examples, or when the lists differ in length
 */
export function fitTemperature(logits: readonly ArrayLike<number>[], targets: readonly TargetRange[]): number {
  if (logits.length === 0 || logits.length !== targets.length) {
    throw new RangeError(`a temperature needs as many targets as logits, and at least one; got ${logits.length} and ${targets.length}`);
  }
  const loss = (logTemperature: number) => temperatureLoss(logits, targets, Math.exp(logTemperature));
  const low = Math.log(temperatureRange.low);
  const high = Math.log(temperatureRange.high);
  const step = (high - low) / gridSteps;
  const grid = Array.from({ length: gridSteps + 1 }, (_, index) => low + index * step);
  const losses = grid.map((value) => loss(value));
  const best = grid[losses.indexOf(Math.min(...losses))]!;
  return Math.exp(goldenSection(loss, Math.max(low, best - step), Math.min(high, best + step)));
}

/** The place of the minimum of a function with one valley between `low` and `high` (Kiefer, 1953). */
function goldenSection(value: (x: number) => number, low: number, high: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [left, right] = [high - ratio * (high - low), low + ratio * (high - low)];
  let [leftValue, rightValue] = [value(left), value(right)];
  while (high - low > tolerance) {
    if (leftValue <= rightValue) {
      high = right;
      [right, rightValue] = [left, leftValue];
      left = high - ratio * (high - low);
      leftValue = value(left);
    } else {
      low = left;
      [left, leftValue] = [right, rightValue];
      right = low + ratio * (high - low);
      rightValue = value(right);
    }
  }
  return (low + high) / 2;
}

/** Probabilities smaller than this are raised to it before their logarithm is taken: a float32 softmax rounds to 0. */
const smallestScaled = 1e-12;

/** Logits, up to a constant, that give these probabilities. */
export function logitsOf(probabilities: ArrayLike<number>): Float64Array {
  return Float64Array.from(probabilities, (probability) => Math.log(Math.max(probability, smallestScaled)));
}

/** Probabilities as they would be with their logits divided by `temperature`. */
export function applyTemperature(probabilities: ArrayLike<number>, temperature: number): Float64Array {
  return softmax(logitsOf(probabilities), temperature);
}

/** A task whose answers are calibrated: a built-in one, or one of one's own whose labels are classes or groups. */
export type CalibratedTask = BuiltInTask | TaskDefinition;

export function calibratedName(task: CalibratedTask): string {
  return typeof task === "string" ? task : task.name;
}

/** The labelled faces of a task as columns. */
export function calibratedSample(
  faces: readonly FacePrediction[],
  task: CalibratedTask,
  groups: readonly AgeGroup[],
): TaskSample | undefined {
  return typeof task === "string" ? buildSample(faces, task, groups) : buildOwnSamples(faces, task)[0];
}

/** The target of a face for a task; undefined when its labels do not tell. */
export function targetRange(face: Pick<FacePrediction, "labels">, task: CalibratedTask): TargetRange | undefined {
  if (typeof task === "object") {
    const label = face.labels.attributes?.[task.name];
    const found = typeof label === "string" ? labelIndex(task.labels ?? [], label) : -1;
    return found < 0 ? undefined : { low: found, high: found };
  }
  const { age, gender, mood } = face.labels;
  if (task === "age") return age === undefined ? undefined : { low: Math.min(age.low, maximumAge), high: Math.min(age.high, maximumAge) };
  const index = task === "gender" ? gender && genders.indexOf(gender) : mood && moods.indexOf(mood);
  return index === undefined ? undefined : { low: index, high: index };
}

/**
 * Fits a temperature on found faces and says what it changes. Only validation data may choose a temperature; on the data
 * that it is fitted on, `after` is optimistic by very little, having one free number.
 * @param chosen tells what this temperature changes, instead of fitting one
 */
export function fitPredictions(
  predictions: readonly FacePrediction[],
  task: CalibratedTask,
  groups: readonly AgeGroup[],
  chosen?: number,
): TemperatureFit | undefined {
  const name = calibratedName(task);
  const usable = predictions.flatMap((face) => {
    const target = targetRange(face, task);
    const probabilities = face.probabilities[name];
    return face.found && target !== undefined && probabilities !== undefined ? [{ face, target, probabilities }] : [];
  });
  if (usable.length === 0) return undefined;
  const logits = usable.map(({ probabilities }) => logitsOf(probabilities));
  const targets = usable.map(({ target }) => target);
  const temperature = chosen ?? fitTemperature(logits, targets);
  const before = describe(usable.map(({ face }) => face));
  const scaled = usable.map(({ face }, row) => withProbabilities(face, name, softmax(logits[row]!, temperature)));
  // A calibrated model's intervals may be meant to hold another share: what is told of them before and after is of one level.
  const intervalMass = task === "age" ? fitIntervalMass(scaled, usable[0]!.face.intervalLevels?.[name]) : undefined;
  const after = describe(
    intervalMass === undefined ? scaled : scaled.map((face) => Object.assign(face, { intervalMass, intervalTails: undefined })),
  );
  return {
    temperature,
    n: usable.length,
    negativeLogLikelihood: { before: temperatureLoss(logits, targets, 1), after: temperatureLoss(logits, targets, temperature) },
    expectedCalibrationError: { before: before.error, after: after.error },
    ...(before.coverage === undefined || after.coverage === undefined
      ? {}
      : { intervalCoverage: { before: before.coverage, after: after.coverage } }),
    ...(intervalMass === undefined ? {} : { intervalMass }),
  };

  function describe(faces: readonly FacePrediction[]) {
    const sample = calibratedSample(faces, task, groups);
    if (sample === undefined) return { error: 0, coverage: undefined };
    const weights = unitWeights(sample.count);
    return { error: expectedCalibrationError(sample, weights) ?? 0, coverage: intervalCoverage(sample, weights) };
  }
}

function withProbabilities(face: FacePrediction, task: string, probabilities: Float64Array): FacePrediction {
  return { ...face, probabilities: { ...face.probabilities, [task]: [...probabilities] } };
}
