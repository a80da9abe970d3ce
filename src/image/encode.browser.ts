import { drawToCanvas } from "./canvas.browser.ts";
import { type EncodeOptions, encodeSettings } from "./encode.ts";
import type { RasterImage } from "./raster.ts";

/**
 * The bytes of a picture file. Browsers without a WebP encoder (Safari) give PNG instead, as canvas does.
 * @throws {TF_INVALID_ARGUMENT} when the quality is not within 1..100
 */
export async function encode(image: RasterImage, options: EncodeOptions = {}): Promise<Uint8Array> {
  const { format, quality } = encodeSettings(options);
  const blob = await drawToCanvas(image).convertToBlob({ type: `image/${format}`, quality: quality / 100 });
  return new Uint8Array(await blob.arrayBuffer());
}
