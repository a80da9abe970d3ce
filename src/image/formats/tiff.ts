import { isLittleEndian, orientationField, readDirectory, type TiffEntry } from "./exif.ts";
import type { HeaderFields, LabField } from "./header.ts";

/** What a directory holds: of NewSubfileType bits, of the older SubfileType a number. */
const newSubfileTag = 254;
const subfileTag = 255;
const widthTag = 256;
const heightTag = 257;
const bitsTag = 258;
const photometricTag = 262;
const orientationTag = 274;
/** PhotometricInterpretation: a* and b* signed, or as ICC profiles have them. */
const cieLab = 8;
const iccLab = 9;
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
    lab: labField(view, entries, littleEndian),
    orientation: orientation && orientationField(view, orientation, littleEndian),
  };
}

/** How many pictures a TIFF file holds, without small copies and masks of them. @throws {RangeError} when it ends before */
export function countTiffPages(view: DataView): number {
  const littleEndian = isLittleEndian(view, 0);
  const seen = new Set<number>();
  let pages = 0;
  for (
    let offset = view.getUint32(4, littleEndian);
    offset !== 0 && !seen.has(offset);
    offset = nextDirectory(view, offset, littleEndian)
  ) {
    seen.add(offset);
    if (isPage(view, offset, littleEndian)) pages++;
  }
  return pages;
}

function nextDirectory(view: DataView, offset: number, littleEndian: boolean): number {
  return view.getUint32(offset + 2 + view.getUint16(offset, littleEndian) * 12, littleEndian);
}

function isPage(view: DataView, offset: number, littleEndian: boolean): boolean {
  const [reducedBit, maskBit, reduced] = [1, 4, 2];
  return readDirectory(view, offset, littleEndian).every((entry) => {
    if (entry.tag === newSubfileTag) return (readNumber(view, entry, littleEndian) & (reducedBit | maskBit)) === 0;
    return entry.tag !== subfileTag || readNumber(view, entry, littleEndian) !== reduced;
  });
}

/** Of 8 and 16 bits. */
function labField(view: DataView, entries: readonly TiffEntry[], littleEndian: boolean): LabField | undefined {
  const photometric = entries.find(({ tag }) => tag === photometricTag);
  const bits = entries.find(({ tag }) => tag === bitsTag);
  if (photometric === undefined || bits === undefined) return undefined;
  const kind = view.getUint16(photometric.valueOffset, littleEndian);
  if ((kind !== cieLab && kind !== iccLab) || ![8, 16].includes(readFirst(view, bits, littleEndian))) return undefined;
  return { isSigned: kind === cieLab, offset: photometric.valueOffset, littleEndian };
}

/** The first of some SHORTs: more than two stand elsewhere. */
function readFirst(view: DataView, { valueOffset }: TiffEntry, littleEndian: boolean): number {
  const count = view.getUint32(valueOffset - 4, littleEndian);
  return view.getUint16(count > 2 ? view.getUint32(valueOffset, littleEndian) : valueOffset, littleEndian);
}

/** A SHORT or a LONG. */
function readNumber(view: DataView, entry: TiffEntry, littleEndian: boolean): number {
  return entry.type === shortType ? view.getUint16(entry.valueOffset, littleEndian) : view.getUint32(entry.valueOffset, littleEndian);
}
