import { cropTransform } from "../align/index.ts";
import { type AffineTransform, type FaceLandmarks, identityTransform, invertTransform, type Point } from "../core/index.ts";
import { channelCount, type RasterImage, reduceForCrop, resize, warpToTensor } from "../image/index.ts";
import type { CropTemplate, NetworkInput } from "../models/index.ts";

/**
 * How examples become what a network sees. `face`: the face that was found in each picture is cut out. `aligned`: pictures are crops
 * already, and faces stand at one place in all of them. `whole`: the picture as it is.
 */
export type CropPlan =
  | { readonly kind: "face" }
  /** Where the five points stand in the pictures, as fractions of width and height. */
  | { readonly kind: "aligned"; readonly landmarks: FaceLandmarks }
  | { readonly kind: "whole" };

export interface CropInput {
  readonly input: NetworkInput;
  /** Where the network wants a face; absent where it sees whole pictures. */
  readonly template: CropTemplate | undefined;
}

/**
 * From pixels of the network's input to pixels of a picture; undefined where the picture is taken whole.
 * @param face in pixels of the picture; for the plan `face`
 */
export function toSource(
  plan: CropPlan,
  image: RasterImage,
  { input, template }: CropInput,
  face: FaceLandmarks | undefined,
): AffineTransform | undefined {
  const landmarks = plan.kind === "aligned" ? scaleLandmarks(plan.landmarks, image) : face;
  if (plan.kind === "whole" || landmarks === undefined || template === undefined) return undefined;
  return invertTransform(cropTransform(landmarks, template, input));
}

/** Writes a picture's crop at `offset`, `[channels, height, width]`. */
export function writeCrop(
  image: RasterImage,
  transform: AffineTransform | undefined,
  { input }: CropInput,
  target: Float32Array,
  offset: number,
): void {
  if (transform === undefined) {
    warpToTensor(resize(image, input.width, input.height), identityTransform, { ...input, antialias: false }, target, offset);
    return;
  }
  const reduced = reduceForCrop(image, transform, input.width, input.height);
  warpToTensor(reduced.image, reduced.toSource, input, target, offset);
}

/** How many numbers a crop is. */
export function cropLength({ input }: CropInput): number {
  return channelCount(input) * input.width * input.height;
}

/** Points given as shares of the sides, in pixels. */
export function scaleLandmarks(
  shares: FaceLandmarks,
  { width, height }: { readonly width: number; readonly height: number },
): FaceLandmarks {
  const scale = ({ x, y }: Point): Point => ({ x: x * width, y: y * height });
  return {
    leftEye: scale(shares.leftEye),
    rightEye: scale(shares.rightEye),
    nose: scale(shares.nose),
    leftMouth: scale(shares.leftMouth),
    rightMouth: scale(shares.rightMouth),
  };
}
