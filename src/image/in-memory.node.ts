import sharp, { type Sharp } from "sharp";
import type { RasterImage } from "./raster.ts";

/** A decoded picture for libvips, without a limit of its own: whether a picture is too large was decided before it was decoded. */
export function inMemory({ data, width, height }: RasterImage): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
}
