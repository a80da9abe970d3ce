import type { TaskSample, YearColumns } from "../sample.ts";
import { type Weights, weightedMean } from "./weights.ts";

/** A column of years; NaN everywhere in a sample of another task. */
function years(sample: TaskSample, name: keyof YearColumns, row: number): number {
  return sample.years?.[name][row] ?? Number.NaN;
}

/** Mean distance between expected and exact age, in years. Of found faces with an exact age. */
export function meanAbsoluteError(sample: TaskSample, weights: Weights): number | undefined {
  return weightedMean(weights, (row) => Math.abs(years(sample, "predicted", row) - years(sample, "truth", row)));
}

/** Mean of expected minus exact age, in years: above 0, faces are called too old. */
export function meanError(sample: TaskSample, weights: Weights): number | undefined {
  return weightedMean(weights, (row) => years(sample, "predicted", row) - years(sample, "truth", row));
}

/** 1 where the expected age is at most `threshold` years off; NaN where no exact age is known or none was told. */
export function isWithin(sample: TaskSample, row: number, threshold: number): number {
  const error = Math.abs(years(sample, "predicted", row) - years(sample, "truth", row));
  return Number.isNaN(error) ? error : Number(error <= threshold);
}

/** Share of faces whose expected age is at most `threshold` years off, 0..1 (Geng et al., TPAMI 2007). */
export function cumulativeScore(sample: TaskSample, weights: Weights, threshold: number): number | undefined {
  return weightedMean(weights, (row) => isWithin(sample, row, threshold));
}

/** 1 where the exact age lies in the interval, both ends included; NaN where one of them is not known. */
export function isInInterval(sample: TaskSample, row: number): number {
  const age = years(sample, "truth", row);
  const low = years(sample, "low", row);
  return Number.isNaN(age + low) ? Number.NaN : Number(low <= age && age <= years(sample, "high", row));
}

/** Share of faces whose exact age lies in the interval, both ends included; the interval's level when it is honest. */
export function intervalCoverage(sample: TaskSample, weights: Weights): number | undefined {
  return weightedMean(weights, (row) => isInInterval(sample, row));
}

/** Mean number of years that the interval spans, ends included. */
export function meanIntervalWidth(sample: TaskSample, weights: Weights): number | undefined {
  return weightedMean(weights, (row) => years(sample, "high", row) - years(sample, "low", row) + 1);
}
