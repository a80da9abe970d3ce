import { type CropSize, cropToSource } from "../align/index.ts";
import type { AffineTransform, FaceLandmarks } from "../core/index.ts";
import { squareAround, squareToSource } from "../detect/index.ts";
import { cutPicture, type RasterImage } from "../image/index.ts";
import type { AnalyzedFace } from "./analysis.ts";
import type { CropOptions } from "./options.ts";
import { checkCropping, cropDefaults, expectFaces } from "./options-check.ts";

/** What a crop is cut by: a face of an analysis, or as much of one. */
export type CroppedFace = Pick<AnalyzedFace, "box" | "landmarks">;

/**
 * The faces of a picture, each as a picture of its own, in the order of `analysis`: a square by the box and a margin, or as a head's template
 * has it. Proportions are kept; small faces are enlarged. Where a crop looks past the picture, the picture's nearest edge pixels are repeated.
 * @param image the picture that was analysed, in its original size; it is not changed
 * @param analysis the analysis, or its faces alone
 * @returns pixels of this `size` for each face
 * @throws {TF_INVALID_ARGUMENT} when `image` is no picture, an option is out of its range, or `template` meets `margin` or `align`
 * @throws {RangeError} with `template`, when the landmarks of a face are all one point
 *
 * @example
 * const { image } = await decode("photo.jpg");
 * const crops = cropFaces(image, await analyzer.analyze(image), { size: 160, align: true });
 */
export function cropFaces(
  image: RasterImage,
  analysis: readonly CroppedFace[] | { readonly faces: readonly CroppedFace[] },
  options: CropOptions = {},
): RasterImage[] {
  checkCropping(image, options);
  const { size = cropDefaults.size } = options;
  const { width, height } = typeof size === "number" ? { width: size, height: size } : size;
  return expectFaces(analysis).map((face) => cutPicture(image, regionOf(face, { width, height }, options), width, height));
}

/** Maps pixels of the crop to pixels of the picture. */
function regionOf({ box, landmarks }: CroppedFace, size: CropSize, options: CropOptions): AffineTransform {
  const { template, margin = cropDefaults.margin, align = false } = options;
  if (template !== undefined) return cropToSource(landmarks, template, size);
  return squareToSource({ ...squareAround(box, 1 + 2 * margin), angle: align ? eyeAngle(landmarks) : 0 }, size.width);
}

/** Radians, positive clockwise as seen: how far the line from eye to eye is turned. */
function eyeAngle({ leftEye, rightEye }: FaceLandmarks): number {
  return Math.atan2(rightEye.y - leftEye.y, rightEye.x - leftEye.x);
}
