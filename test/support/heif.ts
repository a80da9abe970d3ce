/**
 * HEIC files of every build, out of one coded picture: the portrait at 256 x 256 pixels, which Debian's `heif-enc -q 45` wrote. No package
 * for Node writes HEIC; its container is a few boxes (ISO/IEC 23008-12).
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

export const portraitHeic = fileURLToPath(new URL("portrait.heic", import.meta.url));
export const portraitSide = 256;

/** One item of a file: a coded picture, a grid, a block of metadata. */
export interface HeifItem {
  readonly id: number;
  /** `hvc1`, `av01`, `grid`, `Exif`. */
  readonly type: string;
  readonly data: Uint8Array;
  readonly properties?: readonly Uint8Array[];
}

export interface HeifReference {
  /** `dimg`: made of; `auxl`: belongs to; `cdsc`: describes. */
  readonly type: string;
  readonly from: number;
  readonly to: readonly number[];
}

export interface HeifFile {
  /** What the file calls itself. @default "heic" */
  readonly brand?: "heic" | "avif";
  readonly primary: number;
  readonly items: readonly HeifItem[];
  readonly references?: readonly HeifReference[];
}

/** A picture's decoder configuration, a box, and its coded bytes. */
export interface CodedPicture {
  readonly configuration: Uint8Array;
  readonly data: Uint8Array;
}

/** The portrait's. */
export async function codedPortrait(): Promise<CodedPicture> {
  return codedPicture(await readFile(portraitHeic), "hvcC");
}

/** Those of a file that holds one picture. */
export function codedPicture(file: Buffer, configuration: "hvcC" | "av1C"): CodedPicture {
  const at = file.indexOf(configuration, 0, "latin1") - 4;
  return {
    configuration: file.subarray(at, at + file.readUInt32BE(at)),
    data: file.subarray(file.indexOf("mdat", 0, "latin1") + 4),
  };
}

export const sizeProperty = (width: number, height: number): Uint8Array => fullBox("ispe", uint32(width), uint32(height));
/** Anticlockwise, in quarter turns. */
export const turnProperty = (quarters: number): Uint8Array => box("irot", Uint8Array.of(quarters));
/** 0: top and bottom are exchanged, 1: left and right. */
export const mirrorProperty = (axis: 0 | 1): Uint8Array => box("imir", Uint8Array.of(axis));
/** A part of so many pixels in the middle, which is all that is shown. */
export const cropProperty = (width: number, height: number): Uint8Array =>
  box("clap", ...[width, height, 0, 0].flatMap((value) => [uint32(value), uint32(1)]));
export const profileProperty = (icc: Uint8Array): Uint8Array => box("colr", ascii("prof"), icc);
export const auxiliaryProperty = (urn: string): Uint8Array => fullBox("auxC", ascii(`${urn}\0`));

/** A grid's own data: how many rows and columns of tiles, and the size of the whole. */
export function gridData(rows: number, columns: number, size: { readonly width: number; readonly height: number }): Uint8Array {
  return concat(Uint8Array.of(0, 0, rows - 1, columns - 1), uint16(size.width), uint16(size.height));
}

/** EXIF's item: where the TIFF header begins, and the block. */
export function exifData(block: Uint8Array): Uint8Array {
  return concat(uint32(0), block);
}

export function writeHeif({ brand = "heic", primary, items, references = [] }: HeifFile): Buffer {
  const properties = items.flatMap((item) => item.properties ?? []);
  const associations = items.flatMap(({ id, properties: own = [] }) => {
    const indices = own.map((property) => 0x80 | (properties.indexOf(property) + 1));
    return own.length === 0 ? [] : [concat(uint16(id), Uint8Array.of(own.length, ...indices))];
  });
  const type = box("ftyp", ascii(brand), uint32(0), ascii(`mif1${brand}`));
  const metaOf = (start: number): Uint8Array => {
    let offset = start;
    const places = items.map(({ id, data }) => {
      const place = concat(uint16(id), uint16(0), uint16(1), uint32(offset), uint32(data.length));
      offset += data.length;
      return place;
    });
    return fullBox(
      "meta",
      fullBox("hdlr", uint32(0), ascii("pict"), new Uint8Array(13)),
      fullBox("pitm", uint16(primary)),
      fullBox("iloc", Uint8Array.of(0x44, 0), uint16(items.length), ...places),
      fullBox(
        "iinf",
        uint16(items.length),
        ...items.map(({ id, type: kind }) => box("infe", Uint8Array.of(2, 0, 0, 0), uint16(id), uint16(0), ascii(`${kind}\0`))),
      ),
      ...(references.length === 0
        ? []
        : [
            fullBox(
              "iref",
              ...references.map(({ type: kind, from, to }) => box(kind, uint16(from), uint16(to.length), ...to.map((id) => uint16(id)))),
            ),
          ]),
      box("iprp", box("ipco", ...properties), fullBox("ipma", uint32(associations.length), ...associations)),
    );
  };
  const start = type.length + metaOf(0).length + 8;
  return Buffer.concat([type, metaOf(start), box("mdat", ...items.map(({ data }) => data))]);
}

function box(name: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(ascii(name), ...parts);
  return concat(uint32(body.length + 4), body);
}

/** With version and flags, all 0. */
function fullBox(name: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return box(name, uint32(0), ...parts);
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function ascii(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 255);
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}
