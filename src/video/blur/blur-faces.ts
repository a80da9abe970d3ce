import type { BoundingBox } from "../../core/index.ts";
import type { RasterImage } from "../../image/index.ts";
import { type BlurEffect, hiddenEllipse, hideEllipses } from "./paint.ts";
import { settleHiding } from "./plan.ts";

/** How faces in a picture are hidden. */
export interface BlurFacesOptions {
  /** @default "pixelate" */
  readonly effect?: BlurEffect | undefined;
  /** How far beyond each side of a face's box is hidden too, in shares of the side, 0..5. @default 0.3 */
  readonly margin?: number | undefined;
}

/**
 * A copy of the picture with an ellipse around each face hidden. At most five by five colours are left of a face, whatever the effect; what
 * was there cannot be had back from the pixels.
 * @param faces boxes in pixels of the picture: those of its analysis
 * @throws {TF_INVALID_ARGUMENT} when an option is out of its range
 *
 * @example
 * const { faces } = await analyzer.analyze(image);
 * const bytes = await encode(blurFaces(image, faces));
 */
export function blurFaces(
  image: RasterImage,
  faces: readonly { readonly box: BoundingBox }[],
  options: BlurFacesOptions = {},
): RasterImage {
  const { effect, margin } = settleHiding(options);
  return hideEllipses(
    image,
    faces.map(({ box }) => hiddenEllipse(box, margin)),
    effect,
  );
}
