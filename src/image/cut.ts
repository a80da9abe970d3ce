import { type AffineTransform, type BoundingBox, identityTransform } from "../core/index.ts";
import { crop, type RasterImage } from "./raster.ts";
import { reduceForCrop } from "./reduced.ts";
import { resize } from "./resize.ts";
import { type TensorLayout, warpAffine, type WarpOptions, warpToTensor } from "./warp.ts";

/**
 * Regions of pictures, as pictures of their own or as a network wants them. What a region shrinks is averaged in whole pixels first, so
 * that it costs one reading of the region.
 */

/**
 * The `width` x `height` picture whose pixel centres look at `toSource` of themselves.
 * @param toSource maps pixels of the result to pixels of the picture
 */
// eslint-disable-next-line max-params -- as warpAffine, which it prepares the picture for
export function cutPicture(
  image: RasterImage,
  toSource: AffineTransform,
  width: number,
  height: number,
  options?: WarpOptions,
): RasterImage {
  const reduced = reduceForCrop(image, toSource, width, height);
  return warpAffine(reduced.image, reduced.toSource, width, height, options);
}

/**
 * Likewise as a network wants it: `[channels, height, width]`, written into `target` from `offset` on.
 * @param toSource maps pixels of the network's input to pixels of the picture
 */
// eslint-disable-next-line max-params -- as warpToTensor, which it prepares the picture for
export function cutToTensor(image: RasterImage, toSource: AffineTransform, layout: TensorLayout, target: Float32Array, offset = 0): void {
  const reduced = reduceForCrop(image, toSource, layout.width, layout.height);
  warpToTensor(reduced.image, reduced.toSource, layout, target, offset);
}

/** How a whole picture becomes a network's input: all of it, whatever its proportions, or the largest region in its middle that has the input's. */
export type PictureFit = "stretch" | "middle";

/** A whole picture as a network wants it, brought to the input's size as training does it; written as by {@link cutToTensor}. */
// eslint-disable-next-line max-params -- as cutToTensor
export function fitToTensor(image: RasterImage, layout: TensorLayout, fit: PictureFit, target: Float32Array, offset = 0): void {
  const region = fit === "middle" ? crop(image, middleOf(image, layout)) : image;
  const sized = region.width === layout.width && region.height === layout.height ? region : resize(region, layout.width, layout.height);
  warpToTensor(sized, identityTransform, { ...layout, antialias: false }, target, offset);
}

/** The largest region in the middle that has the input's proportions, in whole pixels. */
function middleOf(image: RasterImage, input: { readonly width: number; readonly height: number }): BoundingBox {
  const scale = Math.min(image.width / input.width, image.height / input.height);
  const width = Math.max(1, Math.round(input.width * scale));
  const height = Math.max(1, Math.round(input.height * scale));
  return { x: (image.width - width) >> 1, y: (image.height - height) >> 1, width, height };
}
