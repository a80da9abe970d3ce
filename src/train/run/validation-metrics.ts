import {
  ageCount,
  ageGroupIndex,
  ageGroupProbabilities,
  argMax,
  builtInTasks,
  expectedYears,
  fairFaceAgeGroups,
  genders,
  moods,
  softmax,
  type TaskDefinition,
  builtInLabels,
  isBuiltInTask,
  TensorFaceError,
} from "../../core/index.ts";
import type { FaceLabels } from "../../datasets/index.ts";
import type { SelectionMetric } from "../config.ts";

/**
 * The few numbers that steer a training. Reports with intervals, slices and baselines are the business of `evaluate`, which
 * reads the exported model.
 */
export type ValidationMetrics = Readonly<Record<SelectionMetric, number>>;

/** Logits of one head for the validation pictures, one row after another. */
export interface HeadLogits {
  readonly task: string;
  /** `[n, width]`. */
  readonly values: Float32Array;
  readonly width: number;
}

/** Metrics of all heads; a head without a single label gives none. @param own what they tell beside the built-in tasks */
export function validationMetrics(
  heads: readonly HeadLogits[],
  labels: readonly FaceLabels[],
  own: readonly TaskDefinition[] = [],
): ValidationMetrics {
  const metrics: Record<string, number> = {};
  for (const head of heads) {
    const task = own.find(({ name }) => name === head.task);
    Object.assign(metrics, task === undefined ? headMetrics(head, labels) : ownMetrics(head, labels, task));
  }
  return metrics;
}

/** The metrics that faces with these labels give, whatever the networks say of them. */
export function givenMetrics(labels: readonly FaceLabels[], own: readonly TaskDefinition[] = []): ReadonlySet<string> {
  const widths: readonly (readonly [string, number])[] = [
    ...builtInTasks.map((task) => [task, { age: ageCount, gender: genders.length, mood: moods.length }[task]] as const),
    ...own.map(({ name, labels: columns }) => [name, columns?.length ?? 1] as const),
  ];
  const silent = widths.map(([task, width]): HeadLogits => ({ task, width, values: new Float32Array(width * labels.length) }));
  return new Set(Object.keys(validationMetrics(silent, labels, own)));
}

/** Of a task that is not built in. */
function ownMetrics(
  head: HeadLogits,
  labels: readonly FaceLabels[],
  { name, kind, labels: columns = [] }: TaskDefinition,
): ValidationMetrics {
  const row = (index: number): Float32Array => head.values.subarray(index * head.width, (index + 1) * head.width);
  const told = labels.map(({ attributes }) => attributes?.[name]);
  if (kind === "number") {
    const errors = told.flatMap((value, index) => (typeof value === "number" ? [Math.abs(row(index)[0]! - value)] : []));
    return errors.length === 0 ? {} : { [`${name}.count`]: errors.length, [`${name}.meanAbsoluteError`]: sum(errors) / errors.length };
  }
  if (kind === "tags") {
    const hits = told.flatMap((tags, index) =>
      Array.isArray(tags) ? columns.map((label, column) => Number(row(index)[column]! > 0 === tags.includes(label))) : [],
    );
    return hits.length === 0 ? {} : { [`${name}.count`]: hits.length / columns.length, [`${name}.accuracy`]: sum(hits) / hits.length };
  }
  const truth = told.map((label) => (typeof label === "string" ? columns.indexOf(label) : -1));
  const predict = (index: number): number => predictedClass(row(index));
  const known = truth.flatMap((label, index) => (label < 0 ? [] : [Number(Math.abs(predict(index) - label) <= 1)]));
  const oneOff = kind === "ordered" && known.length > 0 ? { [`${name}.oneOffAccuracy`]: sum(known) / known.length } : {};
  return { ...classMetrics(name, truth, predict), ...oneOff };
}

function headMetrics(head: HeadLogits, labels: readonly FaceLabels[]): ValidationMetrics {
  const row = (index: number): Float32Array => head.values.subarray(index * head.width, (index + 1) * head.width);
  const { task } = head;
  if (!isBuiltInTask(task)) throw new TensorFaceError("TF_CONFIG_INVALID", `nothing says what the head "${task}" tells`);
  if (task === "age") return ageMetrics(row, labels);
  const classes: readonly string[] = builtInLabels[task];
  const truth = labels.map((label) => classes.indexOf(label[task] ?? ""));
  return classMetrics(task, truth, (index) => predictedClass(row(index)));
}

/** The largest logit's class; a single logit is that of the last of two. */
export function predictedClass(logits: ArrayLike<number>): number {
  return logits.length === 1 ? Number(logits[0]! > 0) : argMax(logits);
}

function classMetrics(task: string, truth: readonly number[], predict: (index: number) => number): ValidationMetrics {
  const hits = new Map<number, { count: number; correct: number }>();
  for (const [index, label] of truth.entries()) {
    if (label < 0) continue;
    const entry = hits.get(label) ?? { count: 0, correct: 0 };
    hits.set(label, entry);
    entry.count++;
    if (predict(index) === label) entry.correct++;
  }
  const perClass = [...hits.values()];
  const count = sum(perClass.map((entry) => entry.count));
  if (count === 0) return {};
  return {
    [`${task}.count`]: count,
    [`${task}.accuracy`]: sum(perClass.map((entry) => entry.correct)) / count,
    [`${task}.balancedAccuracy`]: sum(perClass.map((entry) => entry.correct / entry.count)) / perClass.length,
  };
}

/** Groups are FairFace's; an exact age counts in its group, a group label where one of the nine holds all of it. */
function ageMetrics(row: (index: number) => Float32Array, labels: readonly FaceLabels[]): ValidationMetrics {
  const errors: number[] = [];
  const distances: number[] = [];
  for (const [index, { age }] of labels.entries()) {
    if (age === undefined) continue;
    const distribution = softmax(row(index));
    if (age.low === age.high) errors.push(Math.abs(expectedYears(distribution) - age.low));
    const group = ageGroupIndex(age.low, fairFaceAgeGroups);
    if (ageGroupIndex(Math.min(age.high, 100), fairFaceAgeGroups) === group)
      distances.push(Math.abs(argMax(ageGroupProbabilities(distribution, fairFaceAgeGroups)) - group));
  }
  const share = (limit: number): number => distances.filter((distance) => distance <= limit).length / distances.length;
  return {
    ...(errors.length > 0 && { "age.meanAbsoluteError": sum(errors) / errors.length }),
    ...(distances.length > 0 && { "age.count": distances.length, "age.groupAccuracy": share(0), "age.oneOffAccuracy": share(1) }),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Units that weigh as much as one whole share of accuracy: an error of 5 years counts as -0.05. */
const unitsPerPoint = 100;

/**
 * What the best checkpoint is chosen by: the mean of the metrics, errors as minus a hundredth of their unit, which is years of ages.
 * NaN where one of them is missing.
 */
export function selectionScore(metrics: ValidationMetrics, select: readonly SelectionMetric[]): number {
  const scores = select.map((name) => {
    const value = metrics[name] ?? Number.NaN;
    return name.endsWith(".meanAbsoluteError") ? -value / unitsPerPoint : value;
  });
  return sum(scores) / scores.length;
}
