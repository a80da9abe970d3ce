import { readOrientation } from "./exif.ts";
import { fourCharacterCode, type HeaderFields } from "./header.ts";

const extendedChunk = fourCharacterCode("VP8X");
const losslessChunk = fourCharacterCode("VP8L");
const lossyChunk = fourCharacterCode("VP8 ");

/** Reads a WebP file's first chunk (RFC 9649) and, in the extended format, its EXIF chunk. */
export function readWebpHeader(view: DataView): HeaderFields | undefined {
  const size = readSize(view, 20);
  if (size === undefined) return undefined;
  const exif = findChunk(view, fourCharacterCode("EXIF"));
  return { ...size, orientation: exif === undefined ? undefined : readOrientation(view, exif) };
}

function readSize(view: DataView, data: number): { readonly width: number; readonly height: number } | undefined {
  switch (view.getUint32(data - 8)) {
    case extendedChunk:
      return { width: 1 + uint24(view, data + 4), height: 1 + uint24(view, data + 7) };
    case losslessChunk: {
      // One signature byte, then 14 bits of width - 1 and 14 bits of height - 1.
      const bits = view.getUint32(data + 1, true);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    case lossyChunk:
      // Three bytes of frame tag, three of start code, then 14 bits of size and 2 of scaling hint, twice (RFC 6386, 9.1).
      return { width: view.getUint16(data + 6, true) & 0x3fff, height: view.getUint16(data + 8, true) & 0x3fff };
    default:
      return undefined;
  }
}

function findChunk(view: DataView, name: number): number | undefined {
  let offset = 12;
  while (offset + 8 <= view.byteLength) {
    if (view.getUint32(offset) === name) return skipExifPrefix(view, offset + 8);
    const length = view.getUint32(offset + 4, true);
    offset += 8 + length + (length & 1);
  }
  return undefined;
}

/** Some writers put JPEG's "Exif" and two zero bytes before the TIFF header; readers accept both. */
function skipExifPrefix(view: DataView, offset: number): number {
  return offset + 6 <= view.byteLength && view.getUint32(offset) === 0x45786966 ? offset + 6 : offset;
}

function uint24(view: DataView, offset: number): number {
  return view.getUint16(offset, true) | (view.getUint8(offset + 2) << 16);
}
