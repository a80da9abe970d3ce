import { TensorFaceError } from "../core/index.ts";
import { readGifHeader } from "./formats/gif.ts";
import type { HeaderFields } from "./formats/header.ts";
import { isAvif, isHeic, readHeifHeader } from "./formats/heif.ts";
import { readJpegHeader } from "./formats/jpeg.ts";
import { readPngHeader } from "./formats/png.ts";
import { readTiffHeader } from "./formats/tiff.ts";
import { readWebpHeader } from "./formats/webp.ts";

/** The formats that are read. */
export const pictureFormats = ["jpeg", "png", "webp", "avif", "heic", "gif", "tiff"] as const;
/** A format that pictures are read from. */
export type PictureFormat = (typeof pictureFormats)[number];

/** What the first bytes of a picture say, before anything is decoded. */
export interface PictureHeader extends HeaderFields {
  readonly format: PictureFormat;
}

interface FormatReader {
  readonly recognise: (view: DataView) => boolean;
  readonly read: (view: DataView) => HeaderFields | undefined;
}

const readers: Readonly<Record<PictureFormat, FormatReader>> = {
  jpeg: { recognise: (view) => view.getUint16(0) === 0xffd8 && view.getUint8(2) === 0xff, read: readJpegHeader },
  png: { recognise: (view) => view.getUint32(0) === 0x89504e47 && view.getUint32(4) === 0x0d0a1a0a, read: readPngHeader },
  webp: { recognise: (view) => /^RIFF.{4}WEBP$/s.test(latin1(view, 12)), read: readWebpHeader },
  avif: { recognise: isAvif, read: readHeifHeader },
  heic: { recognise: isHeic, read: readHeifHeader },
  gif: { recognise: (view) => /^GIF8[79]a$/.test(latin1(view, 6)), read: readGifHeader },
  tiff: { recognise: (view) => [0x49492a00, 0x4d4d002a].includes(view.getUint32(0)), read: readTiffHeader },
};

/** Formats that people try and that are refused, with the reason in the hint. */
const refused: readonly { readonly name: string; readonly test: (start: string) => boolean; readonly hint: string }[] = [
  {
    name: "SVG, a drawing and not a photograph",
    test: (start) => /^[\s\uFEFF\u00EF\u00BB\u00BF]*(?:<\?xml|<!--|<!doctype svg|<svg)/i.test(start) && /<svg|<!doctype svg/i.test(start),
    hint: "Export the drawing as PNG.",
  },
  { name: "a HEIC sequence", test: (start) => /^.{4}ftyp(?:hevc|hevx|msf1)/s.test(start), hint: "Save one of its pictures as JPEG." },
  { name: "JPEG XL", test: (start) => start.startsWith("\u00FF\n") || /^.{4}JXL /s.test(start), hint: "Save the picture as JPEG or PNG." },
  { name: "BigTIFF", test: (start) => /^(?:II\+\0|MM\0\+)/.test(start), hint: "Save the picture as a common TIFF file, or as PNG." },
  { name: "BMP", test: (start) => start.startsWith("BM"), hint: "Save the picture as PNG." },
  { name: "PDF", test: (start) => start.startsWith("%PDF"), hint: "Export the page as JPEG or PNG." },
];

/**
 * What a picture's header says: format, size and orientation, read from its bytes alone, whatever its name.
 * @param source named in messages
 * @throws {TF_INPUT_EMPTY} for no bytes
 * @throws {TF_IMAGE_FORMAT_UNSUPPORTED} when the bytes are no picture, or one in another format
 * @throws {TF_IMAGE_CORRUPT} when the header is cut off or contradicts itself
 */
export function sniffPicture(bytes: Uint8Array, source: string): PictureHeader {
  if (bytes.length === 0) throw new TensorFaceError("TF_INPUT_EMPTY", `${source} is empty (0 bytes)`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const format = pictureFormats.find((name) => withinBytes(() => readers[name].recognise(view)) === true);
  if (format === undefined) throw unsupported(view, source);
  const fields = withinBytes(() => readers[format].read(view));
  if (fields === undefined || fields.width === 0 || fields.height === 0) {
    throw new TensorFaceError(
      "TF_IMAGE_CORRUPT",
      `${source} begins like a ${format.toUpperCase()} file, but its header is damaged or cut off`,
    );
  }
  return { format, ...fields };
}

/** A reader runs over the end of bytes that were cut off; DataView says so with a RangeError. */
function withinBytes<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function unsupported(view: DataView, source: string): TensorFaceError {
  const start = latin1(view, 1024);
  const known = refused.find(({ test }) => test(start));
  if (known !== undefined) {
    return new TensorFaceError("TF_IMAGE_FORMAT_UNSUPPORTED", `${source} is ${known.name}, which is not read here`, { hint: known.hint });
  }
  return new TensorFaceError(
    "TF_IMAGE_FORMAT_UNSUPPORTED",
    `${source} is not a picture that can be read: it begins with ${firstBytes(view)}`,
  );
}

/** The first `length` bytes as Latin-1, fewer where there are fewer. */
function latin1(view: DataView, length: number): string {
  const count = Math.min(length, view.byteLength);
  return Array.from({ length: count }, (_, index) => String.fromCodePoint(view.getUint8(index))).join("");
}

function firstBytes(view: DataView): string {
  const start = latin1(view, 12);
  if (/^[\x20-\x7E\s]+$/.test(start)) return JSON.stringify(start);
  return Array.from(start.slice(0, 8), (character) => character.codePointAt(0)!.toString(16).padStart(2, "0")).join(" ");
}
