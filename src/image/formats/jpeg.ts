import { type OrientationField, readOrientation } from "./exif.ts";
import type { HeaderFields } from "./header.ts";

const exifMarker = 0xe1;
const startOfScan = 0xda;
const endOfImage = 0xd9;

/** Reads a JPEG file's segments up to its frame header (ITU-T T.81, annex B). @throws {RangeError} when it ends before */
export function readJpegHeader(view: DataView): HeaderFields | undefined {
  let orientation: OrientationField | undefined;
  let offset = 2;
  for (;;) {
    const marker = view.getUint8(offset + 1);
    if (view.getUint8(offset) !== 0xff || marker === 0xff) {
      // Fill bytes, and the stray bytes that some cameras leave between segments: decoders skip them too.
      offset++;
    } else if (isFrameHeader(marker)) {
      const components = view.getUint8(offset + 9);
      return { height: view.getUint16(offset + 5), width: view.getUint16(offset + 7), components, orientation };
    } else if (hasNoLength(marker)) {
      offset += 2;
    } else if (marker === startOfScan || marker === endOfImage) {
      return undefined;
    } else {
      if (marker === exifMarker && isExif(view, offset + 4)) orientation ??= readOrientation(view, offset + 10);
      offset += 2 + Math.max(2, view.getUint16(offset + 2));
    }
  }
}

/** SOF0 to SOF15, without DHT (C4), JPG (C8) and DAC (CC) that stand between them. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** RST0 to RST7, SOI, TEM, and the stuffed zero. */
function hasNoLength(marker: number): boolean {
  return (marker >= 0xd0 && marker <= 0xd8) || marker === 0x01 || marker === 0x00;
}

/** "Exif" and two zero bytes. */
function isExif(view: DataView, offset: number): boolean {
  return view.getUint32(offset) === 0x45786966 && view.getUint16(offset + 4) === 0;
}
