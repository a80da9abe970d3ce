import {
  type AgeGroup,
  ageCount,
  ageGroupProbabilities,
  ageInterval,
  argMax,
  expectedYears,
  intervalLevel,
  type IntervalTails,
  maximumAge,
} from "../core/index.ts";

/** What is read off an age distribution. */
export interface AgeReading {
  /** The expected value, in years. */
  readonly years: number;
  /** Whole years from `low` to `high`, both included: meant to hold the true age for a share `level` of faces, half of the rest on either side. */
  readonly interval: { readonly low: number; readonly high: number; readonly level: number };
  /** The most probable group. */
  readonly group: string;
  /** Group name to probability, sum 1. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/**
 * Reads years, interval and groups off a distribution over ages.
 * @param distribution `[101]`, the probability of each age from 0 to 100 years, sum 1
 * @param groups any groups; ages in their gaps count for the nearest group
 * @param interval the share of the distribution that it takes, or leaves out on either side, fitted on validation data (@default the level itself), and its level
 */
export function readAge(
  distribution: ArrayLike<number>,
  groups: readonly AgeGroup[],
  { share, level = intervalLevel }: { readonly share?: number | IntervalTails | undefined; readonly level?: number } = {},
): AgeReading {
  const sums = ageGroupProbabilities(distribution, groups);
  return {
    years: expectedYears(distribution),
    interval: { ...ageInterval(distribution, share ?? level), level },
    group: groups[argMax(sums)]!.name,
    probabilities: Object.fromEntries(groups.map(({ name }, index) => [name, sums[index]!])),
  };
}

/**
 * Puts the columns of an age head on whole years.
 * @param probabilities `[years.length]`, sum 1
 * @param years the age of each column; fractions go to the two years beside them, ages past 0..100 to the ends
 */
export function toAgeDistribution(probabilities: ArrayLike<number>, years: readonly number[]): Float64Array {
  const distribution = new Float64Array(ageCount);
  for (const [column, year] of years.entries()) {
    const age = Math.min(Math.max(year, 0), maximumAge);
    const low = Math.floor(age);
    const part = age - low;
    distribution[low]! += (1 - part) * probabilities[column]!;
    if (part > 0) distribution[low + 1]! += part * probabilities[column]!;
  }
  return distribution;
}
