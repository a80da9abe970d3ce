import { adienceAgeGroups, type AgeGroup, fairFaceAgeGroups } from "../core/index.ts";

/** The published groups that age probabilities can be summed into, by the name of their dataset. */
export const ageGroupings = { adience: adienceAgeGroups, fairface: fairFaceAgeGroups } as const satisfies Record<
  string,
  readonly AgeGroup[]
>;
export const ageGroupingNames = ["adience", "fairface"] as const satisfies (keyof typeof ageGroupings)[];
