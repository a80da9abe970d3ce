import { inMemory } from "./in-memory.node.ts";
import { createRasterImage, type RasterImage } from "./raster.ts";
import { isReduction, scaleCopy } from "./scale-copy.ts";

/**
 * What {@link scaleCopy} gives, number for number. Smaller copies are made by libvips, in its own threads, with vector instructions; what it enlarges
 * stands half a pixel too far right and below (findings/sharp-enlarged-shift.sh), so that faces would be found beside their places.
 * @throws {TF_INVALID_ARGUMENT} when a side is not a positive whole number
 */
export async function resizeCubic(image: RasterImage, width: number, height: number): Promise<RasterImage> {
  if (!isReduction(image, width, height)) return scaleCopy(image, width, height);
  const data = await (await inMemory(image)).resize(width, height, { fit: "fill", kernel: "cubic" }).raw().toBuffer();
  return createRasterImage(width, height, data);
}
