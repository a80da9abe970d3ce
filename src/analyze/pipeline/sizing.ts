import { extentOf } from "../../image/index.ts";

/**
 * Extent of the picture in work, in pixels, where the default `minFaceSize` is in force: half of a 12-megapixel photograph, which
 * JPEG decoders give sooner, and of which a quarter of the pixels is kept, copied and sampled.
 */
export const workingExtent = 2000;

/** Smallest face to look for where nothing else is asked for: this many pixels, or this part of the picture's extent. */
const defaultMinFace = { pixels: 20, part: 1 / 64 };

/** Side of the smallest face that is looked for in a picture by default, in its pixels. */
export function defaultMinFaceSize(picture: { readonly width: number; readonly height: number }): number {
  return Math.max(defaultMinFace.pixels, extentOf(picture) * defaultMinFace.part);
}
