import type { RasterImage } from "./raster.ts";
import { reduce } from "./reduce.ts";
import { resize } from "./resize.ts";

/**
 * The whole picture at the size at which a detector looks at it, with a cubic filter, which keeps small faces sharp: the same numbers on
 * every platform.
 * @throws {TF_INVALID_ARGUMENT} when a side is not a positive whole number
 */
export function scaleCopy(image: RasterImage, width: number, height: number): RasterImage {
  return isReduction(image, width, height) ? reduce(image, width, height, "cubic") : resize(image, width, height, { kernel: "cubic" });
}

export function isReduction(image: RasterImage, width: number, height: number): boolean {
  return width <= image.width && height <= image.height;
}
