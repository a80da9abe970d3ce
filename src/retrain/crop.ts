import { cropToSource } from "../align/index.ts";
import { type AffineTransform, type FaceLandmarks, scaleLandmarks } from "../core/index.ts";
import { channelCount, cutPicture, cutToTensor, fitToTensor, fitWithin, type RasterImage } from "../image/index.ts";
import type { CropTemplate, NetworkInput } from "../models/index.ts";

/**
 * How examples become what a network sees. `face`: the face that was found in each picture is cut out. `aligned`: pictures are crops
 * already, and faces stand at one place in all of them. `whole`: the picture as it is.
 */
export type CropPlan =
  | {
      readonly kind: "face";
      /** What finds the faces: with another they are other crops. */
      readonly finder?: string | undefined;
    }
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
 * @param face as fractions of width and height; for the plan `face`
 */
export function toSource(
  plan: CropPlan,
  image: RasterImage,
  { input, template }: CropInput,
  face: FaceLandmarks | undefined,
): AffineTransform | undefined {
  const landmarks = plan.kind === "aligned" ? plan.landmarks : face;
  if (plan.kind === "whole" || landmarks === undefined || template === undefined) return undefined;
  return cropToSource(scaleLandmarks(landmarks, image.width, image.height), template, input);
}

/** Writes a picture's crop at `offset`, `[channels, height, width]`. */
export function writeCrop(
  image: RasterImage,
  transform: AffineTransform | undefined,
  { input }: CropInput,
  target: Float32Array,
  offset: number,
): void {
  if (transform === undefined) fitToTensor(image, input, "stretch", target, offset);
  else cutToTensor(image, transform, input, target, offset);
}

/** How many numbers a crop is. */
export function cropLength({ input }: CropInput): number {
  return channelCount(input) * input.width * input.height;
}

/** What a network sees of a picture, small, for people to look at: `side` pixels wide, or on its longer side where it is taken whole. */
export function cutSmall(
  image: RasterImage,
  plan: CropPlan,
  { input, template }: CropInput,
  face: FaceLandmarks | undefined,
  side: number,
): RasterImage {
  const small = { ...input, width: side, height: Math.round((side * input.height) / input.width) };
  const transform = toSource(plan, image, { input: small, template }, face);
  return transform === undefined ? fitWithin(image, { maxSide: side }) : cutPicture(image, transform, small.width, small.height);
}
