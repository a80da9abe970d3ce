import type { OrientationField } from "./exif.ts";

/** What a picture's header says; sizes as stored, before the orientation is applied. */
export interface HeaderFields {
  readonly width: number;
  readonly height: number;
  /** JPEG alone: 1 for greyscale, 3 for colour, 4 for CMYK. */
  readonly components?: number;
  /** The EXIF orientation and where it is written; absent for pictures without one. */
  readonly orientation?: OrientationField | undefined;
}

/** The number that four ASCII characters make in big-endian order: how chunks and boxes are named, compared without strings. */
export function fourCharacterCode(name: string): number {
  return Array.from(name).reduce((code, character) => code * 256 + character.codePointAt(0)!, 0);
}
