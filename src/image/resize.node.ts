import { inMemory } from "./in-memory.node.ts";
import { createRasterImage, type RasterImage } from "./raster.ts";

/**
 * What `resize` of resize.ts gives with its cubic kernel, by libvips: in its own threads, with vector instructions. Rounding differs by a level or two.
 * @throws {TF_INVALID_ARGUMENT} when a side is not a positive whole number
 */
export async function resizeCubic(image: RasterImage, width: number, height: number): Promise<RasterImage> {
  const data = await inMemory(image).resize(width, height, { fit: "fill", kernel: "cubic" }).raw().toBuffer();
  return createRasterImage(width, height, data);
}
