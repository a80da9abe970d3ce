/** GIF files as encoders that save space write them: each frame covers a part of the screen. */

const [clearCode, endCode] = [4, 5];
const short = (value: number): readonly number[] => [value & 255, value >> 8];

/** Where a frame lies on the screen, in pixels. */
export interface GifFrame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A file whose frames are red, each for 100 ms, on a screen that shows nothing else. */
export function writeGif(width: number, height: number, frames: readonly GifFrame[]): Buffer {
  const palette = [255, 255, 255, 200, 0, 0];
  const header = [...Buffer.from("GIF89a"), ...short(width), ...short(height), 0x80, 0, 0, ...palette];
  return Buffer.from([...header, ...frames.flatMap((frame) => frameBytes(frame)), 0x3b]);
}

function frameBytes({ x, y, width, height }: GifFrame): number[] {
  const control = [0x21, 0xf9, 4, 4, 10, 0, 0, 0];
  const descriptor = [0x2c, ...short(x), ...short(y), ...short(width), ...short(height), 0];
  const coded = redPixels(width * height);
  const blocks: number[] = [];
  for (let at = 0; at < coded.length; at += 255) blocks.push(Math.min(255, coded.length - at), ...coded.slice(at, at + 255));
  return [...control, ...descriptor, 2, ...blocks, 0];
}

/** LZW of 3 bits, begun anew for each pixel, so that codes never become longer. */
function redPixels(count: number): number[] {
  const bytes: number[] = [];
  let [bits, held] = [0, 0];
  for (const code of [...Array.from({ length: count }, () => [clearCode, 1]).flat(), endCode]) {
    held |= code << bits;
    for (bits += 3; bits >= 8; bits -= 8) {
      bytes.push(held & 255);
      held >>= 8;
    }
  }
  return bits > 0 ? [...bytes, held & 255] : bytes;
}
