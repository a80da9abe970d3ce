import { isLittleEndian, orientationField, readDirectory, type TiffEntry } from "./exif.ts";
import type { HeaderFields } from "./header.ts";

const widthTag = 256;
const heightTag = 257;
const orientationTag = 274;
const shortType = 3;

/** Reads a TIFF file's first directory (TIFF 6.0, section 2). @throws {RangeError} when it ends before */
export function readTiffHeader(view: DataView): HeaderFields | undefined {
  const littleEndian = isLittleEndian(view, 0);
  const entries = readDirectory(view, view.getUint32(4, littleEndian), littleEndian);
  const find = (wanted: number): TiffEntry | undefined => entries.find(({ tag }) => tag === wanted);
  const width = find(widthTag);
  const height = find(heightTag);
  if (width === undefined || height === undefined) return undefined;
  const orientation = find(orientationTag);
  return {
    width: readNumber(view, width, littleEndian),
    height: readNumber(view, height, littleEndian),
    orientation: orientation && orientationField(view, orientation, littleEndian),
  };
}

/** A SHORT or a LONG. */
function readNumber(view: DataView, entry: TiffEntry, littleEndian: boolean): number {
  return entry.type === shortType ? view.getUint16(entry.valueOffset, littleEndian) : view.getUint32(entry.valueOffset, littleEndian);
}
