import { adienceAgeGroups, type AgeGroup, fairFaceAgeGroups, maximumAge } from "../core/index.ts";
import type { FacePrediction } from "./prediction.ts";

/** The sets of age groups that a report can be made in. */
export const ageGroupSets = { fairface: fairFaceAgeGroups, adience: adienceAgeGroups } as const satisfies Record<
  string,
  readonly AgeGroup[]
>;
/** The name of a known set of age groups. */
export type AgeGroupSet = keyof typeof ageGroupSets;

/**
 * The set of groups in which the labels of a split can be judged: the one that has most of their ranges as they are.
 * Exact ages fit every set; FairFace's leaves no year out, so it is taken where nothing else decides.
 */
export function chooseAgeGroups(faces: readonly Pick<FacePrediction, "labels">[]): AgeGroupSet {
  const ranges = faces.flatMap(({ labels: { age } }) => (age === undefined || age.low === age.high ? [] : [age]));
  const matches = (set: AgeGroupSet) => ranges.filter((range) => ageGroupSets[set].some((group) => sameRange(group, range))).length;
  return matches("adience") > matches("fairface") ? "adience" : "fairface";
}

/** Open-ended groups are written with different ends; they are the same. */
function sameRange(group: AgeGroup, range: { readonly low: number; readonly high: number }): boolean {
  return group.low === range.low && (group.high === range.high || Math.min(group.high, range.high) >= maximumAge - 1);
}
