import { readRegularFile } from "../files/files.node.ts";
import { type EncodeOptions, encodeSettings } from "./encode.ts";
import { inMemory, loadSharp } from "./in-memory.node.ts";
import type { RasterImage } from "./raster.ts";

/**
 * The bytes of a picture file.
 * @throws {TF_INVALID_ARGUMENT} when the quality is not within 1..100, the format is another, or `image` is no picture
 * @throws {TF_IMAGE_TOO_LARGE} when the format has no room for the picture
 */
export async function encode(image: RasterImage, options: EncodeOptions = {}): Promise<Uint8Array> {
  const { format, quality } = encodeSettings(image, options);
  const plain = await inMemory(image);
  const { description } = options;
  const pipeline = description === undefined ? plain : plain.withExif({ IFD0: { ImageDescription: description } });
  return format === "png" ? pipeline.png().toBuffer() : pipeline.toFormat(format, { quality }).toBuffer();
}

/** Of a picture that {@link encode} made, bytes. */
const largestCopy = 1 << 30;

/** Whether a picture file holds a description that {@link encode} wrote; false for what cannot be read. */
export async function hasDescription(path: string, description: string): Promise<boolean> {
  try {
    // Bytes and not the path: libvips may keep a file open, which then cannot be replaced on Windows.
    const { exif } = await (await loadSharp())(await readRegularFile(path, { maxBytes: largestCopy })).metadata();
    return exif?.includes(description) ?? false;
  } catch {
    return false;
  }
}
