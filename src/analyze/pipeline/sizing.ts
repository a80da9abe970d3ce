import { extentOf } from "../../image/index.ts";
import type { AnalyzerOptions } from "../options.ts";

/**
 * Extent of the picture in work, in pixels, where the default `minFaceSize` is in force: half of a 12-megapixel photograph, of which a
 * quarter of the pixels is kept, copied and sampled. Of larger ones JPEG decoders also read less: from three times this extent on.
 */
const workingExtent = 2000;

/** What is asked of an analyzer about sizes. */
export type SizeOptions = Pick<AnalyzerOptions, "detector" | "minFaceSize">;

/**
 * The largest extent of a picture in work, in pixels; undefined where all pixels are needed: of a large picture whose small faces are asked for, and
 * by dlib's detector, whose faces are dlib's only in the picture as it is.
 */
export function mostExtent({ detector, minFaceSize }: SizeOptions): number | undefined {
  return minFaceSize === undefined && detector !== "dlib" ? workingExtent : undefined;
}

/** Smallest face to look for where nothing else is asked for: this many pixels, or this part of the picture's extent. */
const defaultMinFace = { pixels: 20, part: 1 / 64 };

/** Side of the smallest face that is looked for in a picture by default, in its pixels; dlib's detector has its own, whatever the picture's size. */
export function defaultMinFaceSize(picture: { readonly width: number; readonly height: number }, { detector }: SizeOptions): number {
  return detector === "dlib" ? 0 : Math.max(defaultMinFace.pixels, extentOf(picture) * defaultMinFace.part);
}
