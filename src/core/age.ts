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

/** The shares of an age distribution that lie below and above its interval, where a head tells them for each face: 0 to {@link largestTail}. */
export interface IntervalTails {
  readonly below: number;
  readonly above: number;
}

/** The most that may lie on either side: the median stays inside, and the ends do not pass each other. */
export const largestTail = (1 - smallestIntervalMass) / 2;

/**
 * The whole years, both included, that hold a share of an age distribution as nearly as whole years can: each end is where the
 * mid-distribution function (Parzen, 1997: what lies below a year and half of the year itself) passes what is left out on its
 * side. Taking every year that a percentile falls into would hold half an end more on either side.
 * @param share what it holds, {@link smallestIntervalMass} to 1, as much left out on either side (a head whose distributions are wider than its
 *   errors needs less of it than the level it reaches); or what it leaves out below and above
 */
export function ageInterval(
  distribution: ArrayLike<number>,
  share: number | IntervalTails = intervalLevel,
): { readonly low: number; readonly high: number } {
  const { below, above } = typeof share === "number" ? { below: (1 - share) / 2, above: (1 - share) / 2 } : share;
  // Sums of floats reach 0.1 or 0.9 from either side: a hair of tolerance keeps equal distributions equal.
  return { low: yearBeyond(distribution, below - 1e-9, 1), high: yearBeyond(distribution, above - 1e-9, -1) };
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
