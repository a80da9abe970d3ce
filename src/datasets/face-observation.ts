import { z } from "zod";

const point = z.strictObject({ x: z.number(), y: z.number() });

/** What the detector says of one picture: a line of `faces.jsonl`. */
export const faceObservationSchema = z.strictObject({
  sha256: z.string(),
  /** What found them, by what its networks' files hold; absent in what earlier versions wrote. */
  by: z.string().optional(),
  /** How many faces were found. */
  faces: z.int().min(0),
  /** Of the largest one, in degrees. */
  pose: z.strictObject({ yaw: z.number(), roll: z.number() }).optional(),
  /** Where the largest one is, in shares of the picture's width and height, so that it holds at every size. */
  place: z
    .strictObject({
      box: z.strictObject({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
      landmarks: z.strictObject({ leftEye: point, rightEye: point, nose: point, leftMouth: point, rightMouth: point }),
    })
    .optional(),
});
export type FaceObservation = z.infer<typeof faceObservationSchema>;
export type FacePlace = NonNullable<FaceObservation["place"]>;

/** Whether everything is known that is told of a picture today: earlier versions did not write where its face is. */
export function isComplete({ faces, place }: FaceObservation): boolean {
  return faces === 0 || place !== undefined;
}
