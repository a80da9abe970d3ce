import { type AnalyzedFace, expectFaces } from "../../analyze/index.ts";
import { expectOptions, type OptionNames } from "../../core/index.ts";
import { expectPixels, type RasterImage } from "../../image/index.ts";
import { type BlurEffect, hiddenEllipse, hideEllipses } from "./paint.ts";
import { settleHiding } from "./plan.ts";

/** How faces in a picture are hidden. */
export interface BlurFacesOptions {
  /** @default "pixelate" */
  readonly effect?: BlurEffect | undefined;
  /** How far beyond each side of a face's box is hidden too, in shares of the side, 0..5. @default 0.3 */
  readonly margin?: number | undefined;
}
const blurFacesOptionNames: OptionNames<BlurFacesOptions> = { effect: true, margin: true };

/**
 * A copy of the picture with an ellipse around each face hidden. At most five by five colours are left of a face, whatever the effect; what
 * was there cannot be had back from the pixels.
 * @param analysis the analysis, or its faces alone: boxes in pixels of the picture
 * @throws {TF_INVALID_ARGUMENT} when `image` is no picture, `analysis` is neither, or an option is out of its range
 *
 * @example
 * const { image } = await decode("photo.jpg");
 * const bytes = await encode(blurFaces(image, await analyzer.analyze(image)));
 */
export function blurFaces(
  image: RasterImage,
  analysis: readonly Pick<AnalyzedFace, "box">[] | { readonly faces: readonly Pick<AnalyzedFace, "box">[] },
  options: BlurFacesOptions = {},
): RasterImage {
  expectPixels(image);
  expectOptions(options, blurFacesOptionNames);
  const { effect, margin } = settleHiding(options);
  return hideEllipses(
    image,
    expectFaces(analysis).map(({ box }) => hiddenEllipse(box, margin)),
    effect,
  );
}
