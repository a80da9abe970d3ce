/** The seven moods, in the order that TensorFace's own manifests use (FER2013's classes and their order). */
export const moods = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"] as const;
/** A mood as annotated and apparent: what a face shows, not what a person feels. */
export type Mood = (typeof moods)[number];

/** Genders as annotated and apparent, in the order that TensorFace's own manifests use. */
export const genders = ["female", "male"] as const;
/** A gender as annotated and apparent. */
export type Gender = (typeof genders)[number];

/** Ages are whole years from 0 to this one, both included. */
export const maximumAge = 100;
/** The length of an age distribution: one probability a year. */
export const ageCount: number = maximumAge + 1;

/** A named range of whole years, both ends included; ages beyond the last group belong to it. */
export interface AgeGroup {
  readonly name: string;
  readonly low: number;
  readonly high: number;
}

/** Adience's eight groups (Eidinger, Enbar, Hassner, 2014). They leave gaps, which go to the nearest group. */
export const adienceAgeGroups: readonly AgeGroup[] = [
  { name: "0-2", low: 0, high: 2 },
  { name: "4-6", low: 4, high: 6 },
  { name: "8-12", low: 8, high: 12 },
  { name: "15-20", low: 15, high: 20 },
  { name: "25-32", low: 25, high: 32 },
  { name: "38-43", low: 38, high: 43 },
  { name: "48-53", low: 48, high: 53 },
  { name: "60+", low: 60, high: maximumAge },
];

/** FairFace's nine groups (Karkkainen and Joo, WACV 2021). */
export const fairFaceAgeGroups: readonly AgeGroup[] = [
  { name: "0-2", low: 0, high: 2 },
  { name: "3-9", low: 3, high: 9 },
  { name: "10-19", low: 10, high: 19 },
  { name: "20-29", low: 20, high: 29 },
  { name: "30-39", low: 30, high: 39 },
  { name: "40-49", low: 40, high: 49 },
  { name: "50-59", low: 50, high: 59 },
  { name: "60-69", low: 60, high: 69 },
  { name: "70+", low: 70, high: maximumAge },
];

/**
 * The index of the group that holds `age`, or of the nearest one where `groups` leaves a gap;
 * midway between two, the younger.
 */
export function ageGroupIndex(age: number, groups: readonly AgeGroup[]): number {
  let best = 0;
  let bestDistance = Number.POSITIVE_INFINITY;
  // By number: this runs for each year of each face, and pairs of an iterator made a third of a megabyte of garbage a picture.
  for (let index = 0; index < groups.length; index++) {
    const group = groups[index]!;
    const distance = Math.max(group.low - age, age - group.high, 0);
    if (distance < bestDistance) {
      best = index;
      bestDistance = distance;
    }
  }
  return best;
}
