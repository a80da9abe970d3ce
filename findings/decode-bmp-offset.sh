#!/usr/bin/env bash
# decode-bmp looks for the pixels where the header ends, not where the file says they are: masks of colours become the first pixels.
#
# npm decode-bmp 0.2.1, beside bmp-ts 1.0.9, Node 24. A BMP file says at byte 10 where its pixels begin, and one of 32 bits may have three masks before them (BI_BITFIELDS), by
# which its colours lie in the four bytes; screen shots and image editors write such files. Rows begin on top where the height is below 0. A guess: masks are
# obeyed, or refused as other things are. Seen: offset and compression are not read, so that the three masks are shown as pixels, the picture begins
# with the fourth, and its last pixels are missing. A height below 0 makes the pixels "truncated", though all are there.
# Seen, four pixels 0 10 255, 40 100 225, 80 190 195, 200 30 60:
#   24 bits, and 32 bits without masks:   right
#   32 bits, red in the highest byte:     0 0 0, 255 0 0, 0 255 0, 10 255 255
#   24 bits, height -1:                   Error, "Truncated bitmap data"
# bmp-ts reads all four.
# Way out: bmp-ts, or look at the bytes 10 (54 where nothing lies between) and 22 to 25 (height) first.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error decode-bmp@0.2.1 bmp-ts@1.0.9 > /dev/null
cat > run.mjs <<'JS'
import { decode as other } from "bmp-ts";
import decode from "decode-bmp";

// BMP files by hand: four pixels in a row, 40 bytes of header, then masks or palette, then the pixels.
const colours = [[0, 10, 255], [40, 100, 225], [80, 190, 195], [200, 30, 60]];
const bmp = (bits, between, pixels, { height = 1, compression = 0 } = {}) => {
  const header = Buffer.alloc(54);
  header.write("BM");
  header.writeUInt32LE(54 + between.length + pixels.length, 2);
  header.writeUInt32LE(54 + between.length, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(4, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(bits, 28);
  header.writeUInt32LE(compression, 30);
  header.writeUInt32LE(pixels.length, 34);
  return Buffer.concat([header, between, pixels]);
};
const none = Buffer.alloc(0);
const plain = Buffer.from(colours.flatMap(([r, g, b]) => [b, g, r]));
const words = (place) => Buffer.from(colours.flatMap((colour) => { const word = Buffer.alloc(4); word.writeUInt32LE(place(colour) >>> 0); return [...word]; }));
const masks = Buffer.from(Uint32Array.of(0xff000000, 0x00ff0000, 0x0000ff00).buffer);
const files = {
  "24 bits": bmp(24, none, plain),
  "32 bits": bmp(32, none, words(([r, g, b]) => (r << 16) | (g << 8) | b)),
  "32 bits, masks": bmp(32, masks, words(([r, g, b]) => (r << 24) | (g << 16) | (b << 8) | 255), { compression: 3 }),
  "24 bits, from the top": bmp(24, none, plain, { height: -1 }),
};
const told = (read) => {
  try {
    return read().join(" ");
  } catch (error) {
    return error.message;
  }
};
const seen = {};
for (const [name, file] of Object.entries(files)) seen[name] = [told(() => [0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14].map((i) => decode(file).data[i])), told(() => [0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14].map((i) => other(file, { toRGBA: true }).data[i]))];
console.log("decode-bmp 0.2.1, bmp-ts 1.0.9", seen);
const right = colours.flat().join(" ");
const expected = { "24 bits": [right, right], "32 bits": [right, right], "32 bits, masks": ["0 0 0 255 0 0 0 255 0 10 255 255", right], "24 bits, from the top": ["Truncated bitmap data", right] };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
