import sharp from "sharp";
import { type EncodeOptions, encodeSettings } from "./encode.ts";
import type { RasterImage } from "./raster.ts";

/**
 * The bytes of a picture file.
 * @throws {TF_INVALID_ARGUMENT} when the quality is not within 1..100
 */
export async function encode(image: RasterImage, options: EncodeOptions = {}): Promise<Uint8Array> {
  const { format, quality } = encodeSettings(options);
  const pipeline = sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } });
  return format === "png" ? pipeline.png().toBuffer() : pipeline.toFormat(format, { quality }).toBuffer();
}
