import type { HeaderFields } from "./header.ts";

/** Reads a GIF file's logical screen (GIF89a, section 18). */
export function readGifHeader(view: DataView): HeaderFields {
  return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

/**
 * Sizes of old monitors, in pixels. libvips takes a screen of one of them, and one with a side of more than 2,048 pixels, for a mistake of the file's
 * writer, and shows no more than the first frame covers: what lies farther out, of later frames too, is lost (findings/sharp-gif-screen.sh).
 */
const doubtedScreens = ["640x480", "640x512", "800x600", "1024x768", "1280x1024", "1600x1200"];
const largestBelieved = 2048;

/**
 * A copy of such a file in which a transparent frame of the whole screen comes before the others, to be left out again; undefined for files
 * that are shown whole without it.
 */
export function withWholeFrame(bytes: Uint8Array, { width, height }: HeaderFields): Uint8Array | undefined {
  const isBelieved = Math.max(width, height) <= largestBelieved && !doubtedScreens.includes(`${width}x${height}`);
  const first = isBelieved ? undefined : firstFrame(bytes);
  // One that is larger than the screen makes the picture larger, as it does of other sizes, and in browsers.
  if (first === undefined || (first.right >= width && first.bottom >= height)) return undefined;
  const whole = transparentFrame(Math.max(width, first.right), Math.max(height, first.bottom));
  const copy = new Uint8Array(bytes.length + whole.length);
  copy.set(bytes.subarray(0, first.at));
  copy.set(whole, first.at);
  copy.set(bytes.subarray(first.at), first.at + whole.length);
  return copy;
}

interface FirstFrame {
  /** Where the file's first block begins, of whatever kind. */
  readonly at: number;
  /** Where the frame ends on the screen, in pixels. */
  readonly right: number;
  readonly bottom: number;
}

const [extension, imageDescriptor] = [0x21, 0x2c];

/** Undefined where the file has none, or ends before it: the decoder says what is wrong with it. */
function firstFrame(bytes: Uint8Array): FirstFrame | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = bytes[10]!;
  const at = 13 + (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  let block = at;
  while (bytes[block] === extension) {
    block += 2;
    // Parts of up to 255 bytes, each with its length before it; the last has none.
    while (bytes[block] !== undefined && bytes[block] !== 0) block += 1 + bytes[block]!;
    block++;
  }
  if (bytes[block] !== imageDescriptor || block + 9 > bytes.length) return undefined;
  const field = (index: number): number => view.getUint16(block + 1 + 2 * index, true);
  return { at, right: field(0) + field(2), bottom: field(1) + field(3) };
}

/** With a palette of its own, of two colours of which the first is transparent. */
function transparentFrame(width: number, height: number): readonly number[] {
  const short = (value: number): readonly number[] => [value & 255, value >> 8];
  const control = [extension, 0xf9, 4, 1, ...short(0), 0, 0];
  const descriptor = [imageDescriptor, ...short(0), ...short(0), ...short(width), ...short(height), 0x80];
  const palette = Array.from({ length: 6 }, () => 255);
  return [...control, ...descriptor, ...palette, ...blankPixels(width * height)];
}

/** LZW (GIF89a, appendix F) of as many pixels of the first colour. */
function blankPixels(count: number): readonly number[] {
  const [smallestCode, clear, end, codes] = [2, 4, 5, 4096];
  const bytes: number[] = [];
  let [bits, held] = [0, 0];
  const write = (code: number, length: number): void => {
    held |= code << bits;
    for (bits += length; bits >= 8; bits -= 8, held >>= 8) bytes.push(held & 255);
  };
  const lengthFor = (next: number): number => Math.min(12, 32 - Math.clz32(next));
  // Each code stands for a pixel more than the one before it, and is learnt while it is read; the first stands for one pixel.
  let next = end;
  write(clear, lengthFor(next));
  for (let left = count; left > 0; next++) {
    if (next === codes) {
      write(clear, 12);
      next = end;
    }
    const run = Math.min(left, next - 4);
    write(run === 1 ? 0 : run + 4, lengthFor(next));
    left -= run;
  }
  write(end, lengthFor(next));
  if (bits > 0) bytes.push(held & 255);
  const blocks: number[] = [smallestCode];
  for (let at = 0; at < bytes.length; at += 255) blocks.push(Math.min(255, bytes.length - at), ...bytes.slice(at, at + 255));
  return [...blocks, 0];
}
