import { type BuiltInTask, builtInTasks, intervalLevel, isBuiltInTask, type TaskKind } from "../../core/index.ts";
import { formatLevel } from "../../report/index.ts";
import type { Interval } from "../binomial.ts";
import {
  balancedAccuracyDifference,
  balancedAccuracyInterval,
  macroF1Interval,
  type SampleRows,
  shareInterval,
} from "../class-intervals.ts";
import type { TaskSample } from "../sample.ts";
import { cumulativeScore, intervalCoverage, isInInterval, isWithin, meanAbsoluteError, meanError, meanIntervalWidth } from "./age.ts";
import { adaptiveCalibrationError, brierScore, expectedCalibrationError, negativeLogLikelihood } from "./calibration.ts";
import { accuracy, balancedAccuracy, isNamed, isOneOff, macroF1, oneOffAccuracy } from "./classification.ts";
import { hasSet, isInSet, meanSetSize, setCoverage } from "./sets.ts";
import type { Weights } from "./weights.ts";

/** Every number that a report gives of a task, in the order in which it is shown. */
export const metricIds = [
  "accuracy",
  "balancedAccuracy",
  "macroF1",
  "oneOffAccuracy",
  "accuracyOfFound",
  "balancedAccuracyOfFound",
  "oneOffAccuracyOfFound",
  "meanAbsoluteError",
  "meanError",
  "cumulativeScore5",
  "intervalCoverage",
  "meanIntervalWidth",
  "setCoverage",
  "meanSetSize",
  "expectedCalibrationError",
  "adaptiveCalibrationError",
  "negativeLogLikelihood",
  "brierScore",
] as const;
export type MetricId = (typeof metricIds)[number];

/** `share` is printed in percent; the others as they are. */
export type MetricUnit = "share" | "years" | "nats" | "score";

/**
 * A number that is computed from a sample and weights. It is `undefined` where the data cannot give it, never NaN, and
 * does not depend on the order of the faces. The contract test runs every entry of {@link metrics}.
 */
export interface Metric {
  readonly id: MetricId;
  /** `{level}` stands where {@link titleOf} says what an interval is to hold. */
  readonly title: string;
  readonly unit: MetricUnit;
  /** What a number of a task that is not built in is counted in, printed behind it. */
  readonly countedIn?: string | undefined;
  readonly range: readonly [number, number];
  /** Which way is better; `aim`: neither, a stated level is wanted or it only describes. */
  readonly better: "higher" | "lower" | "aim";
  readonly tasks: readonly BuiltInTask[];
  /**
   * Whether its interval is drawn by the bootstrap. Binned calibration errors are biased upwards by resampling
   * (copies of a face agree with each other), so that their percentiles would not surround the estimate.
   */
  readonly bootstrap: boolean;
  /** Gives the interval where the bootstrap does not. */
  readonly interval?: (part: SampleRows) => Interval | undefined;
  /** Gives the interval of the difference to another model on the same faces, where draws of pairs are not to. */
  readonly difference?: (part: SampleRows, other: TaskSample) => Interval | undefined;
  /** Whether a face of the sample is one of those that it is computed of. @default every face is */
  readonly isMeasured?: (sample: TaskSample, row: number) => boolean;
  readonly compute: (sample: TaskSample, weights: Weights) => number | undefined;
}

const share = { unit: "share", range: [0, 1], better: "higher", tasks: builtInTasks, bootstrap: false } as const;
const age = ["age"] as const;
const labels = ["gender", "mood"] as const;

const isFound = ({ predicted }: TaskSample, row: number): boolean => predicted[row]! >= 0;
const hasExactAge = ({ years }: TaskSample, row: number): boolean => !Number.isNaN(years?.predicted[row] ?? Number.NaN);

/** The interval of a share of faces. @param hit 1 or 0 of a row; NaN where it is none of those that the share is of */
function intervalOf(hit: (sample: TaskSample, row: number) => number): NonNullable<Metric["interval"]> {
  return ({ sample, rows, subjects }) => {
    const told = rows.filter((row) => !Number.isNaN(hit(sample, row)));
    return shareInterval(
      told.map((row) => hit(sample, row) === 1),
      Int32Array.from(told, (row) => subjects[row]!),
    );
  };
}

/** What the metric says of the found faces alone; undefined where every face was found, since it would say the same. */
function ofFound(compute: Metric["compute"]): Metric["compute"] {
  return (sample, weights) => {
    if (!sample.predicted.includes(-1)) return undefined;
    return compute(
      sample,
      weights.map((weight, row) => (sample.predicted[row]! < 0 ? 0 : weight)),
    );
  };
}

const entries: Readonly<Record<MetricId, Omit<Metric, "id">>> = {
  accuracy: { ...share, title: "accuracy", interval: intervalOf(isNamed), compute: accuracy },
  balancedAccuracy: {
    ...share,
    title: "balanced accuracy",
    interval: balancedAccuracyInterval,
    difference: balancedAccuracyDifference,
    compute: balancedAccuracy,
  },
  macroF1: { ...share, title: "macro F1", unit: "score", interval: macroF1Interval, compute: macroF1 },
  oneOffAccuracy: { ...share, title: "one-off accuracy", tasks: age, interval: intervalOf(isOneOff), compute: oneOffAccuracy },
  accuracyOfFound: {
    ...share,
    title: "accuracy of found faces",
    interval: intervalOf(isNamed),
    isMeasured: isFound,
    compute: ofFound(accuracy),
  },
  balancedAccuracyOfFound: {
    ...share,
    title: "balanced accuracy of found faces",
    interval: balancedAccuracyInterval,
    isMeasured: isFound,
    compute: ofFound(balancedAccuracy),
  },
  oneOffAccuracyOfFound: {
    ...share,
    title: "one-off accuracy of found faces",
    tasks: age,
    interval: intervalOf(isOneOff),
    isMeasured: isFound,
    compute: ofFound(oneOffAccuracy),
  },
  meanAbsoluteError: {
    title: "mean absolute error",
    unit: "years",
    range: [0, 150],
    better: "lower",
    tasks: age,
    bootstrap: true,
    isMeasured: hasExactAge,
    compute: meanAbsoluteError,
  },
  meanError: {
    title: "mean error",
    unit: "years",
    range: [-150, 100],
    better: "aim",
    tasks: age,
    bootstrap: true,
    isMeasured: hasExactAge,
    compute: meanError,
  },
  cumulativeScore5: {
    ...share,
    title: "within 5 years",
    tasks: age,
    interval: intervalOf((sample, row) => isWithin(sample, row, 5)),
    isMeasured: hasExactAge,
    compute: (sample, weights) => cumulativeScore(sample, weights, 5),
  },
  intervalCoverage: {
    ...share,
    title: "coverage of the {level} age interval",
    better: "aim",
    tasks: age,
    interval: intervalOf(isInInterval),
    isMeasured: hasExactAge,
    compute: intervalCoverage,
  },
  meanIntervalWidth: {
    title: "mean width of the {level} age interval",
    unit: "years",
    range: [1, 101],
    better: "lower",
    tasks: age,
    bootstrap: true,
    isMeasured: hasExactAge,
    compute: meanIntervalWidth,
  },
  setCoverage: {
    ...share,
    title: "label in the set",
    better: "aim",
    tasks: labels,
    interval: intervalOf(isInSet),
    isMeasured: hasSet,
    compute: setCoverage,
  },
  meanSetSize: {
    title: "mean labels in a set",
    unit: "score",
    range: [1, Infinity],
    better: "lower",
    tasks: labels,
    bootstrap: true,
    isMeasured: hasSet,
    compute: meanSetSize,
  },
  expectedCalibrationError: {
    ...share,
    title: "expected calibration error",
    better: "lower",
    compute: expectedCalibrationError,
  },
  adaptiveCalibrationError: {
    ...share,
    title: "adaptive calibration error",
    better: "lower",
    compute: adaptiveCalibrationError,
  },
  negativeLogLikelihood: {
    title: "negative log-likelihood",
    unit: "nats",
    range: [0, 17],
    better: "lower",
    tasks: builtInTasks,
    bootstrap: true,
    isMeasured: isFound,
    compute: negativeLogLikelihood,
  },
  brierScore: {
    ...share,
    title: "Brier score",
    unit: "score",
    bootstrap: true,
    range: [0, 2],
    better: "lower",
    isMeasured: isFound,
    compute: brierScore,
  },
};

/** The metrics in the order of {@link metricIds}. */
export const metrics: readonly Metric[] = metricIds.map((id) => metricById(id));

/** The metric's title in words, with the share that the model's intervals are to hold. */
export function titleOf({ title }: Pick<Metric, "title">, level: number = intervalLevel): string {
  return title.replace("{level}", formatLevel(level));
}

/** One metric by its id. */
export function metricById(id: MetricId): Metric {
  return { id, ...entries[id] };
}

/** One metric as it is of a task's kind: errors of a number are in its own unit, and not in years. */
export function metricOf(
  id: MetricId,
  { kind, unit }: { readonly kind?: TaskKind | undefined; readonly unit?: string | undefined },
): Metric {
  return kind === "number" ? numberMetric(metricById(id), unit) : metricById(id);
}

/** The metrics that a task can have. */
export function metricsOf({ task, kind, unit }: Pick<TaskSample, "task" | "kind" | "unit">): readonly Metric[] {
  if (isBuiltInTask(task)) return metrics.filter((metric) => metric.tasks.includes(task));
  if (kind === "number") return numberMetrics.map((id) => metricOf(id, { kind, unit }));
  // Classes are judged as moods are, and groups in an order also by how near they are.
  const ofClasses = metrics.filter((metric) => metric.tasks.includes("mood") || (kind === "ordered" && oneOffMetrics.includes(metric.id)));
  return ofClasses;
}

const oneOffMetrics: readonly MetricId[] = ["oneOffAccuracy", "oneOffAccuracyOfFound"];
const numberMetrics: readonly MetricId[] = ["meanAbsoluteError", "meanError", "intervalCoverage"];

/** The same of numbers as of years: in their own unit, which may be of any size. */
function numberMetric(metric: Metric, countedIn: string | undefined): Metric {
  const named = { ...metric, title: metric.title.replace("age interval", "interval") };
  return metric.unit === "years" ? { ...named, range: [-Infinity, Infinity], unit: "score", countedIn } : named;
}
