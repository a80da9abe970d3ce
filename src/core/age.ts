import { type AgeGroup, ageGroupIndex } from "./labels.ts";

/** The share of true ages that intervals are to hold. */
export const intervalLevel = 0.8;

/** The mean of an age distribution, in years. `distribution[y]` is the probability of being `y` years old, sum 1. */
export function expectedYears(distribution: ArrayLike<number>): number {
  let sum = 0;
  for (let year = 0; year < distribution.length; year++) sum += year * distribution[year]!;
  return sum;
}

/** The least mass that {@link ageInterval} takes: below it the two ends may pass each other. */
export const smallestIntervalMass = 0.5;

/**
 * The whole years, both included, that hold `mass` of an age distribution as nearly as whole years can: each end is where the
 * mid-distribution function (Parzen, 1997: what lies below a year and half of the year itself) passes `(1 - mass) / 2` from its
 * side. Taking every year that a percentile falls into would hold half an end more on either side.
 * @param mass {@link smallestIntervalMass} to 1; a head whose distributions are wider than its errors needs less of it than the level it reaches
 */
export function ageInterval(distribution: ArrayLike<number>, mass = intervalLevel): { readonly low: number; readonly high: number } {
  // Sums of floats reach 0.1 or 0.9 from either side: a hair of tolerance keeps equal distributions equal.
  const tail = (1 - mass) / 2 - 1e-9;
  return { low: yearBeyond(distribution, tail, 1), high: yearBeyond(distribution, tail, -1) };
}

/** The first year, from the young (`step` 1) or the old end (-1), by whose middle more than `mass` has been passed. */
function yearBeyond(distribution: ArrayLike<number>, mass: number, step: 1 | -1): number {
  const first = step === 1 ? 0 : distribution.length - 1;
  const last = distribution.length - 1 - first;
  let sum = 0;
  for (let year = first; year !== last; year += step) {
    const probability = distribution[year]!;
    if (sum + probability / 2 > mass) return year;
    sum += probability;
  }
  return last;
}

/**
 * The mass whose intervals just reach `year`: with more than it {@link ageInterval} holds the year, with less it does not. 0 for the
 * median, near 1 far out in a tail.
 */
export function massToReach(distribution: ArrayLike<number>, year: number): number {
  let below = 0;
  for (let younger = 0; younger < year; younger++) below += distribution[younger]!;
  const middle = below + distribution[year]! / 2;
  return Math.max(0, 1 - 2 * Math.min(middle, 1 - middle));
}

/** An age distribution summed over groups, in their order; a year that no group holds counts for the nearest one. */
export function ageGroupProbabilities(distribution: ArrayLike<number>, groups: readonly AgeGroup[]): Float64Array {
  const probabilities = new Float64Array(groups.length);
  for (let year = 0; year < distribution.length; year++) probabilities[ageGroupIndex(year, groups)]! += distribution[year]!;
  return probabilities;
}
