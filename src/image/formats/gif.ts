import type { HeaderFields } from "./header.ts";

/** Reads a GIF file's logical screen (GIF89a, section 18). */
export function readGifHeader(view: DataView): HeaderFields {
  return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
}
