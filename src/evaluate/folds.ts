import { accuracy, oneOffAccuracy } from "./metrics/classification.ts";
import { unitWeights } from "./metrics/weights.ts";
import type { TaskReport } from "./report.ts";
import { subSample, type TaskSample } from "./sample.ts";

/** Accuracy fold by fold, and its mean and spread; undefined for data with fewer than two folds. */
export function foldScores(sample: TaskSample): TaskReport["folds"] {
  const folds = [...new Set(sample.faces.flatMap(({ fold }) => fold ?? []))].toSorted((a, b) => a - b);
  if (folds.length < 2) return undefined;
  const byFold = folds.map((fold) => scoreFold(sample, fold));
  return {
    accuracy: spread(byFold.map((scores) => scores.accuracy)),
    ...(hasOrder(sample) ? { oneOffAccuracy: spread(byFold.map((scores) => scores.oneOffAccuracy!)) } : {}),
    byFold,
  };
}

function scoreFold(sample: TaskSample, fold: number): NonNullable<TaskReport["folds"]>["byFold"][number] {
  const part = subSample(sample, (row) => sample.faces[row]!.fold === fold)!;
  const weights = unitWeights(part.count);
  const scores = { fold, n: part.count, accuracy: accuracy(part, weights)! };
  return hasOrder(sample) ? { ...scores, oneOffAccuracy: oneOffAccuracy(part, weights)! } : scores;
}

function spread(values: readonly number[]): { mean: number; standardDeviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardDeviation: Math.sqrt(squares / (values.length - 1)) };
}

function hasOrder({ kind }: TaskSample): boolean {
  return kind === "age" || kind === "ordered";
}
