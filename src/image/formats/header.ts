import type { OrientationField } from "./exif.ts";

/** How L*a*b* is written, and where the file says so: a 16-bit number. */
export interface LabField {
  /** Whether a* and b* are signed; else the middle of what a sample can be stands for 0. */
  readonly isSigned: boolean;
  readonly offset: number;
  readonly littleEndian: boolean;
}

/** What a picture's header says; sizes as stored, before the orientation is applied. */
export interface HeaderFields {
  readonly width: number;
  readonly height: number;
  /** JPEG alone: 1 for greyscale, 3 for colour, 4 for CMYK. */
  readonly components?: number;
  /** TIFF alone: colours are L*a*b*, which libvips reads with another white, without transparency or not at all. */
  readonly lab?: LabField | undefined;
  /** The EXIF orientation and where it is written; absent for pictures without one. */
  readonly orientation?: OrientationField | undefined;
}

/** The number that four ASCII characters make in big-endian order: how chunks and boxes are named, compared without strings. */
export function fourCharacterCode(name: string): number {
  return Array.from(name).reduce((code, character) => code * 256 + character.codePointAt(0)!, 0);
}
