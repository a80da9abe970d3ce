import type { HeaderFields } from "./header.ts";

/** Reads a GIF file's logical screen (GIF89a, section 18). */
export function readGifHeader(view: DataView): HeaderFields {
  return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

/**
 * Sizes of old monitors, in pixels. libvips takes a screen of one of them for a mistake of the file's writer, and shows no more than the first frame covers:
 * what lies farther out, of later frames too, is lost (findings/sharp-gif-screen.sh).
 */
const doubtedScreens = ["640x480", "640x512", "800x600", "1024x768", "1280x1024", "1600x1200"];

/** A copy of such a file whose screen has one column more, to be cut off again; undefined for others. */
export function withBelievedScreen(bytes: Uint8Array, { width, height }: HeaderFields): Uint8Array | undefined {
  if (!doubtedScreens.includes(`${width}x${height}`)) return undefined;
  const copy = new Uint8Array(bytes);
  new DataView(copy.buffer).setUint16(6, width + 1, true);
  return copy;
}
