import { readOrientation } from "./exif.ts";
import { fourCharacterCode, type HeaderFields } from "./header.ts";

/** Reads a PNG file's IHDR, and its eXIf chunk where there is one (PNG, third edition, 11.2.1 and 11.3.4.6). */
export function readPngHeader(view: DataView): HeaderFields | undefined {
  if (view.getUint32(12) !== fourCharacterCode("IHDR")) return undefined;
  const exif = findChunk(view, fourCharacterCode("eXIf"));
  return {
    width: view.getUint32(16),
    height: view.getUint32(20),
    orientation: exif === undefined ? undefined : readOrientation(view, exif),
  };
}

/** How many frames an animated PNG file says that it has (PNG, third edition, 11.3.4.1); 1 for one that is not animated. */
export function countPngFrames(view: DataView): number {
  const control = findChunk(view, fourCharacterCode("acTL"));
  return control === undefined ? 1 : view.getUint32(control);
}

/** Where the data of the first chunk of this name begin. Chunks that are cut off are the decoder's business. */
function findChunk(view: DataView, name: number): number | undefined {
  let offset = 8;
  while (offset + 8 <= view.byteLength) {
    if (view.getUint32(offset + 4) === name) return offset + 8;
    offset += 12 + view.getUint32(offset);
  }
  return undefined;
}
