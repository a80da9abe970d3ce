#!/usr/bin/env bash
# geotiff's readRGB turns white paper black: files in which 0 is white lose it to an overflow, and in files of few bits white is a grey of 128, 192 or 240.
#
# npm geotiff 3.0.5, beside sharp 0.35.5, Node 24. Grey TIFF files say whether 0 is black or white (PhotometricInterpretation); faxes and scanners mostly write 0 for white, of 1, 4 or 8
# bits. readRGB is documented to give the picture in RGB, by that field. A guess: white is 255, or at least the brightest. The value is divided by 2 to the number of bits (instead
# of that less 1) and multiplied by 256; where 0 is white it is then taken from 256, and 256 is 0 in the Uint8Array that comes back. Seen, white, black and the greys next to them:
#   0 is white, 1 bit:    white 0, black 128
#   0 is white, 4 bits:   white 0, the next grey 240, the darkest but one 32, black 16
#   0 is white, 8 bits:   white 0, the next grey 255, the darkest but one 2, black 1
#   0 is black, 1 bit:    white 128          2 bits: white 192          4 bits: white 240          8 bits: right
# No error. A page of text is grey on black; only the pure white of a photograph flips, so that highlights have black holes. sharp reads all of them right.
# Way out: readRasters, and the colours by one's own table.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --no-audit --no-fund --loglevel=error geotiff@3.0.5 sharp@0.35.5 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { fromArrayBuffer } from "geotiff";
import sharp from "sharp";

/** A grey TIFF file of one row, by hand: eight numbers in its directory, then the pixels. */
const tiff = (values, bits, isZeroWhite) => {
  const pixels = Buffer.alloc(Math.ceil((values.length * bits) / 8));
  values.forEach((value, i) => { pixels[(i * bits) >> 3] |= value << (8 - bits - ((i * bits) & 7)); });
  const tags = [[256, 4, values.length], [257, 4, 1], [258, 3, bits], [259, 3, 1], [262, 3, isZeroWhite ? 0 : 1], [273, 4, 8 + 2 + 9 * 12 + 4], [277, 3, 1], [278, 4, 1], [279, 4, pixels.length]];
  const head = Buffer.alloc(8 + 2 + 12 * tags.length + 4);
  head.write("II*\0", "latin1");
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(tags.length, 8);
  tags.forEach(([tag, type, value], i) => {
    head.writeUInt16LE(tag, 10 + 12 * i);
    head.writeUInt16LE(type, 12 + 12 * i);
    head.writeUInt32LE(1, 14 + 12 * i);
    head.writeUInt32LE(value, 18 + 12 * i);
  });
  return Buffer.concat([head, pixels]);
};
const seen = {};
for (const isZeroWhite of [true, false]) for (const bits of [1, 2, 4, 8]) {
  const last = 2 ** bits - 1;
  // From white to black: white, the next grey, the darkest but one, black.
  const levels = bits === 1 ? [0, 1] : [0, 1, last - 1, last];
  const file = tiff(isZeroWhite ? levels : levels.map((n) => last - n), bits, isZeroWhite);
  const control = await sharp(file).toColourspace("b-w").raw().toBuffer();
  if (Array.from(control).join() !== levels.map((n) => Math.round(((last - n) * 255) / last)).join()) throw new Error("the file is wrong");
  const image = await (await fromArrayBuffer(new Uint8Array(file).buffer)).getImage();
  const rgb = await image.readRGB({ interleave: true });
  seen[`0 is ${isZeroWhite ? "white" : "black"}, ${bits}`] = levels.map((_, i) => rgb[3 * i]).join(" ");
}
console.log("geotiff", JSON.parse(readFileSync("node_modules/geotiff/package.json", "utf8")).version, "from white to black:", seen);
const expected = {
  "0 is white, 1": "0 128", "0 is white, 2": "0 192 128 64", "0 is white, 4": "0 240 32 16", "0 is white, 8": "0 255 2 1",
  "0 is black, 1": "128 0", "0 is black, 2": "192 128 64 0", "0 is black, 4": "240 224 16 0", "0 is black, 8": "255 254 1 0",
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
