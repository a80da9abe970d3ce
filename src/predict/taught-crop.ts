import { z } from "zod";
import type { FaceLandmarks } from "../core/index.ts";
import { type HeadManifest, seesFaces } from "../models/index.ts";

const point = z.object({ x: z.number(), y: z.number() });
const taughtSchema = z.object({
  crop: z.enum(["face", "aligned", "whole"]),
  landmarks: z.object({ leftEye: point, rightEye: point, nose: point, leftMouth: point, rightMouth: point }).optional(),
});

/** How the pictures came that a model of one's own was taught on: see `describeTraining` of `retrain`. */
export interface TaughtCrop {
  /** `face`: photographs, in which faces were found; `aligned`: crops, with faces at one place in all of them. */
  readonly kind: "face" | "aligned" | "whole";
  /** Where that place is, as fractions of width and height. */
  readonly landmarks?: FaceLandmarks | undefined;
}

/** Undefined of other models, and of those that do not tell it. */
export function taughtCropOf(manifest: HeadManifest): TaughtCrop | undefined {
  const { success, data } = taughtSchema.safeParse(manifest.provenance.training);
  return success && seesFaces(manifest) ? { kind: data.crop, landmarks: data.landmarks } : undefined;
}
