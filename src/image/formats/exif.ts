/**
 * How the stored rows and columns become an upright picture: EXIF 2.32, tag 0x0112. 1 is upright already, 2 mirrored, 3 turned by
 * 180 degrees, 4 flipped, 5 transposed, 6 to be turned clockwise by 90, 7 transverse, 8 to be turned anticlockwise by 90.
 */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** Where the orientation is written: a 16-bit number. */
export interface OrientationField {
  readonly value: Orientation;
  readonly offset: number;
  readonly littleEndian: boolean;
}

/** One entry of a TIFF directory. */
export interface TiffEntry {
  readonly tag: number;
  readonly type: number;
  /** Where its value, or the offset of its values, stands. */
  readonly valueOffset: number;
}

const orientationTag = 0x0112;
const shortType = 3;
/** More entries than any camera writes; a lying count must not cost time. */
const mostEntries = 512;

/**
 * The orientation in the EXIF block that begins (with its TIFF header) at `start`; undefined where it has none, is damaged or
 * holds a value outside 1..8. Damage there is no reason to refuse a picture.
 */
export function readOrientation(view: DataView, start: number): OrientationField | undefined {
  try {
    const littleEndian = isLittleEndian(view, start);
    const directory = start + view.getUint32(start + 4, littleEndian);
    const entry = readDirectory(view, directory, littleEndian).find(({ tag, type }) => tag === orientationTag && type === shortType);
    return entry && orientationField(view, entry, littleEndian);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

export function orientationField(view: DataView, entry: TiffEntry, littleEndian: boolean): OrientationField | undefined {
  const value = view.getUint16(entry.valueOffset, littleEndian);
  return isOrientation(value) ? { value, offset: entry.valueOffset, littleEndian } : undefined;
}

/** The entries of the TIFF directory at `offset`. @throws {RangeError} beyond the end of the bytes */
export function readDirectory(view: DataView, offset: number, littleEndian: boolean): TiffEntry[] {
  const count = Math.min(view.getUint16(offset, littleEndian), mostEntries);
  return Array.from({ length: count }, (_, index) => {
    const entry = offset + 2 + index * 12;
    return { tag: view.getUint16(entry, littleEndian), type: view.getUint16(entry + 2, littleEndian), valueOffset: entry + 8 };
  });
}

/** Whether the TIFF header at `start` says II (Intel) and not MM. */
export function isLittleEndian(view: DataView, start: number): boolean {
  return view.getUint16(start) === 0x4949;
}

function isOrientation(value: number): value is Orientation {
  return value >= 1 && value <= 8;
}
