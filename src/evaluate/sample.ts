import {
  type AgeGroup,
  ageGroupIndex,
  ageCount,
  ageGroupProbabilities,
  ageInterval,
  argMax,
  builtInLabels,
  type BuiltInTask,
  expectedYears,
  kindOfBuiltIn,
  type TaskKind,
  TensorFaceError,
} from "../core/index.ts";
import { type FacePrediction, intervalShareOf } from "./prediction.ts";

/** Below this a probability counts as this: float32 networks say 0 where they mean "very small". */
export const smallestProbability = 1e-7;

/**
 * The labelled faces of one task as columns, each `[count]`. A face that was not found has `predicted` -1 and NaN in
 * the columns of numbers that there are none for. Columns never change: metrics weigh them.
 */
export interface TaskSample {
  /** A task, or one tag of it. */
  readonly task: string;
  readonly kind: TaskKind;
  /** What a number is counted in. */
  readonly unit?: string | undefined;
  /** Names of the classes (mood, gender) or age groups, K of them; of numbers, ranges. */
  readonly classNames: readonly string[];
  readonly count: number;
  readonly faces: readonly FacePrediction[];
  /** Index of the annotated class. */
  readonly truth: Int32Array;
  /** Index of the most probable class, -1 for a face that was not found. */
  readonly predicted: Int32Array;
  /** Probability of the predicted class. */
  readonly confidence: Float64Array;
  /** Minus the natural logarithm of the annotated class's probability. */
  readonly logLoss: Float64Array;
  /** Sum over classes of the squared difference to the truth, 0..2 (Brier, 1950). */
  readonly brier: Float64Array;
  /** Indices of the found faces, least confident first. */
  readonly byConfidence: Int32Array;
  /** Age and numbers only; of these in their own unit. */
  readonly years?: YearColumns;
}

/** Exact ages and what was said of them, in years; NaN where only a group is known or the face was not found. */
export interface YearColumns {
  readonly truth: Float64Array;
  readonly predicted: Float64Array;
  /** Ends of the interval of {@link ageInterval}, both included. */
  readonly low: Float64Array;
  readonly high: Float64Array;
}

export interface LabelledFace {
  readonly face: FacePrediction;
  readonly truth: number;
  /** Over the classes; undefined when not found. */
  readonly probabilities: ArrayLike<number> | undefined;
}

/**
 * The faces whose `task` is both annotated and answered (or not found), as columns; undefined when there are none.
 * @throws {TF_INVALID_ARGUMENT} for an answer that is no number: it would count as the first class
 */
export function buildSample(
  predictions: readonly FacePrediction[],
  task: BuiltInTask,
  groups: readonly AgeGroup[],
): TaskSample | undefined {
  if (!predictions.some((face) => face.probabilities[task] !== undefined)) return undefined;
  const labelled = predictions.flatMap((face) => readFace(face, task, groups));
  if (labelled.length === 0) return undefined;
  const classNames = task === "age" ? groups.map((group) => group.name) : builtInLabels[task];
  return {
    task,
    kind: kindOfBuiltIn(task),
    classNames,
    ...classColumns(labelled),
    ...(task === "age" ? { years: yearColumns(labelled) } : {}),
  };
}

function readFace(face: FacePrediction, task: BuiltInTask, groups: readonly AgeGroup[]): LabelledFace[] {
  const answer = face.probabilities[task];
  if (face.found && answer === undefined) return [];
  const truth = trueClass(face, task, groups);
  if (truth === undefined) return [];
  if (answer !== undefined) requireNumbers(face, task, answer, task === "age" ? ageCount : builtInLabels[task].length);
  const probabilities = answer === undefined || task !== "age" ? answer : ageGroupProbabilities(answer, groups);
  return [{ face, truth, probabilities: face.found ? probabilities : undefined }];
}

/**
 * @param count how many numbers there must be, where it is known
 * @throws {TF_INVALID_ARGUMENT} for an answer that is no number, which would count as the first class, and for one that belongs to other labels
 */
// oxlint-disable-next-line max-params -- whose answer, to what, and of how many numbers
export function requireNumbers({ id }: FacePrediction, task: string, answer: readonly number[], count = answer.length): void {
  if (answer.length !== count)
    throw new TensorFaceError(
      "TF_INVALID_ARGUMENT",
      `the answer to ${task} for face "${id}" must have ${count} numbers, got ${answer.length}`,
    );
  if (answer.some((value) => !Number.isFinite(value)))
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `the answer to ${task} for face "${id}" is not made of numbers`);
}

function trueClass(face: FacePrediction, task: BuiltInTask, groups: readonly AgeGroup[]): number | undefined {
  if (task === "age") return face.labels.age === undefined ? undefined : ageLabelIndex(face.labels.age, groups);
  const names: readonly string[] = builtInLabels[task];
  const label = face.labels[task];
  return label === undefined ? undefined : names.indexOf(label);
}

/** The group that an age label names: both its ends must fall into the same one, else nobody can say which is right. */
export function ageLabelIndex(age: { readonly low: number; readonly high: number }, groups: readonly AgeGroup[]): number | undefined {
  const index = ageGroupIndex(age.low, groups);
  return index === ageGroupIndex(age.high, groups) ? index : undefined;
}

export function classColumns(labelled: readonly LabelledFace[]): Omit<TaskSample, "task" | "kind" | "unit" | "classNames"> {
  const count = labelled.length;
  const predicted = Int32Array.from(labelled, ({ probabilities }) => (probabilities === undefined ? -1 : argMax(probabilities)));
  const confidence = Float64Array.from(labelled, ({ probabilities }, row) => probabilities?.[predicted[row]!] ?? Number.NaN);
  const found = Int32Array.from({ length: count }, (_, row) => row).filter((row) => predicted[row]! >= 0);
  return {
    count,
    faces: labelled.map(({ face }) => face),
    truth: Int32Array.from(labelled, ({ truth }) => truth),
    predicted,
    confidence,
    logLoss: Float64Array.from(labelled, ({ truth, probabilities }) =>
      probabilities === undefined ? Number.NaN : -Math.log(Math.max(probabilities[truth]!, smallestProbability)),
    ),
    brier: Float64Array.from(labelled, ({ truth, probabilities }) =>
      probabilities === undefined ? Number.NaN : brier(probabilities, truth),
    ),
    byConfidence: found.sort((a, b) => confidence[a]! - confidence[b]! || a - b),
  };
}

function brier(probabilities: ArrayLike<number>, truth: number): number {
  let sum = 0;
  for (let index = 0; index < probabilities.length; index++) sum += (probabilities[index]! - (index === truth ? 1 : 0)) ** 2;
  return sum;
}

function yearColumns(labelled: readonly LabelledFace[]): YearColumns {
  const column = () => new Float64Array(labelled.length).fill(Number.NaN);
  const columns = { truth: column(), predicted: column(), low: column(), high: column() };
  for (const [row, { face }] of labelled.entries()) {
    const { age } = face.labels;
    const distribution = face.probabilities.age;
    if (age === undefined || age.low !== age.high) continue;
    columns.truth[row] = age.low;
    if (distribution === undefined || !face.found) continue;
    const interval = ageInterval(distribution, intervalShareOf(face));
    columns.predicted[row] = expectedYears(distribution);
    columns.low[row] = interval.low;
    columns.high[row] = interval.high;
  }
  return columns;
}

/** The rows for which `keep` holds, as a sample of their own; undefined when there are none. */
export function subSample(sample: TaskSample, keep: (row: number) => boolean): TaskSample | undefined {
  const rows = Array.from({ length: sample.count }, (_, row) => row).filter((row) => keep(row));
  return rows.length === 0 ? undefined : pickRows(sample, rows);
}

/** These rows of a sample, in this order. */
export function pickRows(sample: TaskSample, rows: readonly number[]): TaskSample {
  const pick = (column: Float64Array) => Float64Array.from(rows, (row) => column[row]!);
  const position = new Map(rows.map((row, index) => [row, index]));
  const { years } = sample;
  return {
    task: sample.task,
    kind: sample.kind,
    unit: sample.unit,
    classNames: sample.classNames,
    count: rows.length,
    faces: rows.map((row) => sample.faces[row]!),
    truth: Int32Array.from(rows, (row) => sample.truth[row]!),
    predicted: Int32Array.from(rows, (row) => sample.predicted[row]!),
    confidence: pick(sample.confidence),
    logLoss: pick(sample.logLoss),
    brier: pick(sample.brier),
    byConfidence: Int32Array.from([...sample.byConfidence].flatMap((row) => position.get(row) ?? [])),
    ...(years === undefined
      ? {}
      : { years: { truth: pick(years.truth), predicted: pick(years.predicted), low: pick(years.low), high: pick(years.high) } }),
  };
}
