import { z } from "zod";
import { ageCount, genders, largestTail, moods, smallestIntervalMass } from "../core/index.ts";
import { faceLabelsSchema } from "../datasets/index.ts";

const tail = z.number().min(0).max(largestTail);

/** Shares of an age distribution that lie below and above its interval. */
export const intervalTailsSchema = z.strictObject({ below: tail, above: tail });

const probabilities = (length: number) => z.array(z.number().min(0)).length(length);

/** What is known of a picture besides its labels; accuracy is reported by each. */
export const faceAttributesSchema = z.strictObject({
  /** Shorter side of the face, in pixels of the picture as published. */
  faceSize: z.number().min(0).optional(),
  /** How sharp the face is, see {@link measureSharpness}: larger is sharper. */
  sharpness: z.number().min(0).optional(),
  /** Mean luma of the face, 0..255. */
  brightness: z.number().min(0).max(255).optional(),
});

/** One face of a split, what is true of it and what a model says of it. */
export const facePredictionSchema = z.strictObject({
  /** Unique in the split. */
  id: z.string().min(1),
  labels: faceLabelsSchema,
  /** Faces that are not independent (one person, near-duplicates) share it; intervals are drawn over subjects. */
  subjectId: z.string().optional(),
  /** Cross-validation fold, where the dataset has them. */
  fold: z.int().min(0).optional(),
  /** Whether there was a face to classify; false when the detector found none. Then `probabilities` is empty. */
  found: z.boolean(),
  /**
   * By task. In the order of `moods` and `genders`, and one probability for each year from 0 to 100; of tasks that are not built in, in
   * the order of the task's labels; of numbers, the value and the two ends of its interval.
   */
  probabilities: z
    .object({
      age: probabilities(ageCount).optional(),
      gender: probabilities(genders.length).optional(),
      mood: probabilities(moods.length).optional(),
    })
    .catchall(z.array(z.number())),
  /** The share of the age distribution that the model's interval takes. @default the interval's level */
  intervalMass: z.number().min(smallestIntervalMass).max(1).optional(),
  /** The shares of true ages or numbers that intervals are to hold, by task; of calibrated models alone. @default 0.8 */
  intervalLevels: z.record(z.string(), z.number().min(0).max(1)).optional(),
  /** What the model's interval leaves out of this face's distribution, where the model tells it for each face; takes the place of `intervalMass`. */
  intervalTails: intervalTailsSchema.optional(),
  /** The labels of which one is to be the true one, by task; of calibrated models alone. */
  sets: z.record(z.string(), z.array(z.string()).min(1)).optional(),
  attributes: faceAttributesSchema,
});

/** What is known of a picture besides its labels; accuracy is reported by each. */
export type FaceAttributes = z.infer<typeof faceAttributesSchema>;
/** One face of a split, what is true of it and what a model says of it. */
export type FacePrediction = z.infer<typeof facePredictionSchema>;

/** What a face's interval takes of its age distribution, or leaves out of it; undefined: it takes the level. */
export function intervalShareOf({ intervalTails, intervalMass }: FacePrediction): number | z.infer<typeof intervalTailsSchema> | undefined {
  return intervalTails ?? intervalMass;
}
