import { type AffineTransform, clipBox, composeTransforms, identityTransform, transformPoint } from "../core/index.ts";
import { averageBlocks } from "./blocks.ts";
import type { RasterImage } from "./raster.ts";

/** The picture itself, then smaller copies of it in its proportions. */
export type PictureCopies = readonly [RasterImage, ...RasterImage[]];

/** A picture to sample from, and where a crop's pixels look in it. */
export interface SamplingSource {
  readonly image: RasterImage;
  readonly toSource: AffineTransform;
}

/**
 * What a crop needs of a picture of which there are smaller copies: it is cut from the smallest one that has at least one pixel for
 * each of the crop's, reduced to within a factor of 1.5 of it, so that one bilinear sample a pixel is enough.
 * @param toSource maps pixels of the crop to pixels of the picture
 */
export function samplingSource(copies: PictureCopies, toSource: AffineTransform, width: number, height: number): SamplingSource {
  const [image] = copies;
  const sources = copies.map((copy) => {
    const toCopy = { ...identityTransform, a: copy.width / image.width, d: copy.height / image.height };
    return { image: copy, toSource: composeTransforms(toCopy, toSource) };
  });
  const enough = sources.filter((source) => shrinkage(source) >= 1).toSorted((a, b) => shrinkage(a) - shrinkage(b));
  const best = enough[0] ?? { image, toSource };
  return reduceForCrop(best.image, best.toSource, width, height, Math.round(shrinkage(best)));
}

/** Pixels of the picture for each pixel of the crop, along an axis. */
function shrinkage({ toSource }: Pick<SamplingSource, "toSource">): number {
  return Math.hypot(toSource.a, toSource.c);
}

/** Pixels around the region that the crop's edge samples may touch. */
const margin = 2;

/**
 * What a `width` x `height` crop needs of a picture, reduced by whole pixels as far as it goes: a crop that shrinks the picture by 3.4
 * samples a region of a third of the size. It costs one reading of the region, where sampling alone would read each of its pixels
 * several times.
 * @param toSource maps pixels of the crop to pixels of the picture
 * @param factor whole pixels that become one
 */
export function reduceForCrop(
  image: RasterImage,
  toSource: AffineTransform,
  width: number,
  height: number,
  factor = Math.floor(shrinkage({ toSource })),
): SamplingSource {
  if (factor < 2) return { image, toSource };
  const corners = [0, width].flatMap((x) => [0, height].map((y) => transformPoint(toSource, { x, y })));
  const left = Math.floor(Math.min(...corners.map(({ x }) => x)) - margin);
  const top = Math.floor(Math.min(...corners.map(({ y }) => y)) - margin);
  const right = Math.ceil(Math.max(...corners.map(({ x }) => x)) + margin);
  const bottom = Math.ceil(Math.max(...corners.map(({ y }) => y)) + margin);
  const region = clipBox({ x: left, y: top, width: right - left, height: bottom - top }, image.width, image.height);
  if (region.width === 0 || region.height === 0) return { image, toSource };
  const { data, ...size } = averageBlocks(image, region, { width: factor, height: factor });
  const toReduced = { a: 1 / factor, b: 0, tx: -region.x / factor, c: 0, d: 1 / factor, ty: -region.y / factor };
  // One kind of array for all pictures: engines compile the sampling loop for the kinds that they meet.
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length);
  return { image: { ...size, data: bytes }, toSource: composeTransforms(toReduced, toSource) };
}
