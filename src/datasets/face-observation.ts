import { z } from "zod";

/** What the detector says of one picture: a line of `faces.jsonl`. */
export const faceObservationSchema = z.strictObject({
  sha256: z.string(),
  /** How many faces were found. */
  faces: z.int().min(0),
  /** Of the largest one, in degrees. */
  pose: z.strictObject({ yaw: z.number(), roll: z.number() }).optional(),
});
export type FaceObservation = z.infer<typeof faceObservationSchema>;
