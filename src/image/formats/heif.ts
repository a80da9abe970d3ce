import { fourCharacterCode, type HeaderFields } from "./header.ts";

/** A box of the ISO base media file format (ISO/IEC 14496-12, 4.2). */
interface Box {
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

const avifBrands: ReadonlySet<number> = new Set(["avif", "avis"].map(fourCharacterCode));
/** Pictures coded with HEVC; `mif1` says only that it is a picture of this container, and is what some cameras write first. */
const heicBrands: ReadonlySet<number> = new Set(["heic", "heix", "heim", "heis", "mif1"].map(fourCharacterCode));
const fileType = fourCharacterCode("ftyp");
const imageSize = fourCharacterCode("ispe");

/** Whether the file-type box that opens the file names AVIF among its brands. */
export function isAvif(view: DataView): boolean {
  return hasBrand(view, avifBrands);
}

/** Whether it names HEIC, and not AVIF. */
export function isHeic(view: DataView): boolean {
  return hasBrand(view, heicBrands) && !isAvif(view);
}

/** Whether the file holds a sequence beside its still picture. Its tracks say so: brands of sequences are written into files of one picture, too. */
export function isHeifSequence(view: DataView): boolean {
  return findBox(view, 0, view.byteLength, "moov") !== undefined;
}

function hasBrand(view: DataView, brands: ReadonlySet<number>): boolean {
  if (view.getUint32(4) !== fileType) return false;
  const end = Math.min(view.getUint32(0), view.byteLength - 3);
  for (let offset = 8; offset < end; offset += 4) {
    if (brands.has(view.getUint32(offset))) return true;
  }
  return false;
}

const rotation = fourCharacterCode("irot");

/**
 * Reads the size of the largest image in an AVIF or HEIC file: thumbnails, tiles, the alpha plane, maps of depth and gain are never larger
 * than the picture that they belong to. Rotation and mirroring are properties that every decoder applies by itself, and EXIF only repeats
 * them, so no orientation is given, and the size is the one after a quarter turn.
 */
export function readHeifHeader(view: DataView): HeaderFields | undefined {
  const meta = findBox(view, 0, view.byteLength, "meta");
  // `meta` is a full box: four bytes of version and flags come first.
  const properties = meta && findBox(view, meta.start + 4, meta.end, "iprp");
  const container = properties && findBox(view, properties.start, properties.end, "ipco");
  if (container === undefined) return undefined;
  let largest: HeaderFields | undefined;
  let isTurned = false;
  for (const box of boxes(view, container.start, container.end)) {
    // Degrees anticlockwise by 90: odd is a quarter turn.
    if (box.type === rotation) isTurned = (view.getUint8(box.start) & 1) === 1;
    if (box.type !== imageSize) continue;
    const size = { width: view.getUint32(box.start + 4), height: view.getUint32(box.start + 8) };
    if (largest === undefined || size.width * size.height > largest.width * largest.height) largest = size;
  }
  return largest && isTurned ? { width: largest.height, height: largest.width } : largest;
}

function findBox(view: DataView, start: number, end: number, type: string): Box | undefined {
  const code = fourCharacterCode(type);
  for (const box of boxes(view, start, end)) {
    if (box.type === code) return box;
  }
  return undefined;
}

function* boxes(view: DataView, start: number, end: number): Generator<Box> {
  let offset = start;
  while (offset + 8 <= end) {
    const size = view.getUint32(offset);
    const isLarge = size === 1;
    const length = isLarge ? Number(view.getBigUint64(offset + 8)) : size;
    // Size 0: to the end of the file.
    const boxEnd = length === 0 ? end : Math.min(offset + length, end);
    yield { type: view.getUint32(offset + 4), start: offset + (isLarge ? 16 : 8), end: boxEnd };
    if (boxEnd < offset + 8) return;
    offset = boxEnd;
  }
}
