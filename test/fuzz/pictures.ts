/** Pictures that tests draw themselves, in every format, and the small surgery that makes odd ones. */
import sharp, { type Sharp } from "sharp";
import { type RasterImage, createRasterImage } from "../../src/image/index.ts";
import { type PictureFormat, pictureFormats } from "../../src/image/sniff.ts";

/** A smooth picture without any symmetry: red grows to the right, green downwards, blue along a diagonal. */
export function gradientImage(width: number, height: number): RasterImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      data.set([(x * 200) / width + 20, (y * 200) / height + 20, ((x + 2 * y) * 150) / (width + 2 * height) + 40], (y * width + x) * 3);
    }
  }
  return createRasterImage(width, height, data);
}

export function pipelineOf(image: RasterImage): Sharp {
  return sharp(image.data, { raw: { width: image.width, height: image.height, channels: 3 } });
}

/** All but HEIC, which no package for Node writes. */
export const encodedFormats = pictureFormats.filter((format) => format !== "heic");
type EncodedFormat = Exclude<PictureFormat, "heic">;

/** The picture as a file; lossless where the format can. */
export function encodeAs(image: RasterImage, format: EncodedFormat): Promise<Buffer> {
  const pipeline = pipelineOf(image);
  const encoded: Readonly<Record<EncodedFormat, () => Sharp>> = {
    jpeg: () => pipeline.jpeg({ quality: 98, chromaSubsampling: "4:4:4" }),
    png: () => pipeline.png(),
    webp: () => pipeline.webp({ lossless: true }),
    avif: () => pipeline.avif({ quality: 95, chromaSubsampling: "4:4:4", effort: 1 }),
    gif: () => pipeline.gif({ dither: 0 }),
    tiff: () => pipeline.tiff({ compression: "lzw" }),
  };
  return encoded[format]().toBuffer();
}

/** A TIFF header and a directory with the orientation alone. */
export function exifBlock(orientation: number, littleEndian: boolean): Buffer {
  const block = Buffer.alloc(26);
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  view.setUint16(0, littleEndian ? 0x4949 : 0x4d4d);
  view.setUint16(2, 42, littleEndian);
  view.setUint32(4, 8, littleEndian);
  view.setUint16(8, 1, littleEndian);
  view.setUint16(10, 0x0112, littleEndian);
  view.setUint16(12, 3, littleEndian);
  view.setUint32(14, 1, littleEndian);
  view.setUint16(18, orientation, littleEndian);
  return block;
}

/** A JPEG file with this orientation in an APP1 segment right after its start. */
export function withJpegOrientation(jpeg: Uint8Array, orientation: number, littleEndian = true): Buffer {
  const payload = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), exifBlock(orientation, littleEndian)]);
  const marker = Buffer.from([0xff, 0xe1, 0, payload.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), marker, payload, jpeg.subarray(2)]);
}

/** A PNG file with this orientation in an eXIf chunk right after its header. */
export function withPngOrientation(png: Uint8Array, orientation: number): Buffer {
  const afterHeader = 8 + 25;
  return Buffer.concat([png.subarray(0, afterHeader), pngChunk("eXIf", exifBlock(orientation, false)), png.subarray(afterHeader)]);
}

function pngChunk(name: string, data: Uint8Array): Buffer {
  const chunk = Buffer.alloc(12 + data.length);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(name, 4, "latin1");
  chunk.set(data, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length);
  return chunk;
}

/** A few bytes that claim a picture of this size: what a decompression bomb begins with. */
export function pngBomb(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, pngChunk("IHDR", header), pngChunk("IDAT", Buffer.alloc(8)), pngChunk("IEND", Buffer.alloc(0))]);
}

/** CRC-32 as PNG uses it (annex D), bit by bit. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Largest and mean difference of two pictures' bytes; infinite where the sizes differ. */
export function difference(a: RasterImage, b: RasterImage): { readonly largest: number; readonly mean: number } {
  if (a.width !== b.width || a.height !== b.height) return { largest: Number.POSITIVE_INFINITY, mean: Number.POSITIVE_INFINITY };
  let largest = 0;
  let sum = 0;
  for (let index = 0; index < a.data.length; index++) {
    const distance = Math.abs(a.data[index]! - b.data[index]!);
    largest = Math.max(largest, distance);
    sum += distance;
  }
  return { largest, mean: sum / a.data.length };
}
