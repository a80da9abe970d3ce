import { conformalRank, intervalLevel, massToReach, maximumAge, smallestIntervalMass } from "../core/index.ts";
import type { FacePrediction } from "./prediction.ts";

/**
 * The share of its age distribution that a face's interval must take so that the intervals of found faces with exact ages hold
 * `level` of these ages: the quantile of what each needs, with the one face more that makes it hold for the next one (distributional
 * conformal prediction: Chernozhukov, Wuthrich, Zhu, PNAS 2021, with the mid-distribution function in whole years). One share for all
 * faces: those of an age group may be covered more or less.
 * @returns at least {@link smallestIntervalMass}, at most 1; undefined where no face has an exact age
 */
export function fitIntervalMass(faces: readonly FacePrediction[], level = intervalLevel): number | undefined {
  const needed = faces.flatMap(({ found, labels: { age }, probabilities }) =>
    found && age !== undefined && age.low === age.high && probabilities.age !== undefined
      ? [massToReach(probabilities.age, Math.min(age.low, maximumAge))]
      : [],
  );
  if (needed.length === 0) return undefined;
  const rank = conformalRank(needed.length, level) ?? needed.length;
  const mass = needed.toSorted((a, b) => a - b)[rank - 1]!;
  return Math.min(Math.max(mass, smallestIntervalMass), 1);
}
