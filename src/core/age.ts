import { type AgeGroup, ageGroupIndex } from "./labels.ts";

/** The share of an age distribution that its interval holds where nothing else is asked for: 10th to 90th percentile. */
export const defaultIntervalLevel = 0.8;

/** The mean of an age distribution, in years. `distribution[y]` is the probability of being `y` years old, sum 1. */
export function expectedYears(distribution: ArrayLike<number>): number {
  let sum = 0;
  for (let year = 0; year < distribution.length; year++) sum += year * distribution[year]!;
  return sum;
}

/**
 * The whole years between which an age distribution holds at least `level` of its mass, both ends included:
 * what lies below and what lies above is at most `(1 - level) / 2` each.
 */
export function ageInterval(
  distribution: ArrayLike<number>,
  level = defaultIntervalLevel,
): { readonly low: number; readonly high: number } {
  // Sums of floats reach 0.1 or 0.9 from either side: a hair of tolerance keeps equal distributions equal.
  const tail = (1 - level) / 2 - 1e-9;
  return { low: yearBeyond(distribution, tail, 1), high: yearBeyond(distribution, tail, -1) };
}

/** The first year, from the young (`step` 1) or the old end (-1), with which more than `mass` has been passed. */
function yearBeyond(distribution: ArrayLike<number>, mass: number, step: 1 | -1): number {
  const first = step === 1 ? 0 : distribution.length - 1;
  const last = distribution.length - 1 - first;
  let sum = 0;
  for (let year = first; year !== last; year += step) {
    sum += distribution[year]!;
    if (sum > mass) return year;
  }
  return last;
}

/** An age distribution summed over groups, in their order; a year that no group holds counts for the nearest one. */
export function ageGroupProbabilities(distribution: ArrayLike<number>, groups: readonly AgeGroup[]): Float64Array {
  const probabilities = new Float64Array(groups.length);
  for (let year = 0; year < distribution.length; year++) probabilities[ageGroupIndex(year, groups)]! += distribution[year]!;
  return probabilities;
}
