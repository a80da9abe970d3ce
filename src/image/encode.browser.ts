import { drawToCanvas } from "./canvas.browser.ts";
import { type EncodeOptions, encodeSettings } from "./encode.ts";
import type { RasterImage } from "./raster.ts";

/**
 * The bytes of a picture file. Browsers without a WebP encoder (Safari) give PNG instead, as canvas does.
 * @throws {TF_INVALID_ARGUMENT} when the quality is not within 1..100, the format is another, or `image` is no picture
 * @throws {TF_IMAGE_TOO_LARGE} when the format has no room for the picture
 */
export async function encode(image: RasterImage, options: EncodeOptions = {}): Promise<Uint8Array> {
  const { format, quality } = encodeSettings(image, options);
  const blob = await drawToCanvas(image).convertToBlob({ type: `image/${format}`, quality: quality / 100 });
  return new Uint8Array(await blob.arrayBuffer());
}
