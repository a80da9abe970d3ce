import type { TaskSample } from "../sample.ts";
import { type Weights, weightedMean } from "./weights.ts";

/** 1 where the class was named. */
export function isNamed({ predicted, truth }: TaskSample, row: number): number {
  return predicted[row] === truth[row] ? 1 : 0;
}

/** 1 where the group or one of its two neighbours was named. */
export function isOneOff({ predicted, truth }: TaskSample, row: number): number {
  return predicted[row]! >= 0 && Math.abs(predicted[row]! - truth[row]!) <= 1 ? 1 : 0;
}

/** Share of faces whose class was named, 0..1. A face that was not found was not named. */
export function accuracy(sample: TaskSample, weights: Weights): number | undefined {
  return weightedMean(weights, (row) => isNamed(sample, row));
}

/** Share of faces whose group or one of its two neighbours was named, 0..1; for ordered classes. */
export function oneOffAccuracy(sample: TaskSample, weights: Weights): number | undefined {
  return weightedMean(weights, (row) => isOneOff(sample, row));
}

/** Faces by annotated (row) and predicted (column) class, and by annotated class those not found. */
export interface ConfusionMatrix {
  readonly counts: readonly (readonly number[])[];
  readonly notFound: readonly number[];
}

export function confusionMatrix(sample: TaskSample, weights: Weights): ConfusionMatrix {
  const size = sample.classNames.length;
  const counts = Array.from({ length: size }, () => Array.from({ length: size }, () => 0));
  const notFound = Array.from({ length: size }, () => 0);
  for (let row = 0; row < sample.count; row++) {
    const truth = sample.truth[row]!;
    const predicted = sample.predicted[row]!;
    if (predicted < 0) notFound[truth]! += weights[row]!;
    else counts[truth]![predicted]! += weights[row]!;
  }
  return { counts, notFound };
}

/** What a confusion matrix says of one class; a share without a denominator is absent. */
export interface ClassScores {
  readonly label: string;
  /** Annotated faces of the class, and how many of them were not found. */
  readonly n: number;
  readonly notFound: number;
  /** Faces that were given this class. */
  readonly predicted: number;
  /** Share of the class's faces that were named so; one not found was not. */
  readonly recall?: number;
  /** Share of the faces named so that are. */
  readonly precision?: number;
  /** Harmonic mean of precision and recall; 0 when neither has a hit. */
  readonly f1?: number;
}

export function classScores(classNames: readonly string[], matrix: ConfusionMatrix): ClassScores[] {
  return classNames.map((label, index) => {
    const hits = matrix.counts[index]![index]!;
    const notFound = matrix.notFound[index]!;
    const n = sum(matrix.counts[index]!) + notFound;
    const predicted = sum(matrix.counts.map((counts) => counts[index]!));
    return {
      label,
      n,
      notFound,
      predicted,
      ...(n > 0 ? { recall: hits / n } : {}),
      ...(predicted > 0 ? { precision: hits / predicted } : {}),
      ...(n + predicted > 0 ? { f1: (2 * hits) / (n + predicted) } : {}),
    };
  });
}

/** Mean recall of the classes that have faces, 0..1: each class counts the same, however rare. */
export function balancedAccuracy(sample: TaskSample, weights: Weights): number | undefined {
  const size = sample.classNames.length;
  const totals = new Float64Array(size);
  const hits = new Float64Array(size);
  for (let row = 0; row < sample.count; row++) {
    const truth = sample.truth[row]!;
    totals[truth]! += weights[row]!;
    if (sample.predicted[row] === truth) hits[truth]! += weights[row]!;
  }
  return mean([...totals.keys()].filter((index) => totals[index]! > 0).map((index) => hits[index]! / totals[index]!));
}

/** Mean F1 of the classes that are annotated or predicted, 0..1. */
export function macroF1(sample: TaskSample, weights: Weights): number | undefined {
  return mean(classScores(sample.classNames, confusionMatrix(sample, weights)).flatMap(({ f1 }) => f1 ?? []));
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
