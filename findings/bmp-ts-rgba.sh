#!/usr/bin/env bash
# bmp-ts's option `toRGBA` holds for pictures without a palette: those of 8 and 4 bits come as ABGR all the same, those of 1 bit lose colours.
#
# npm bmp-ts 1.0.9, beside decode-bmp 0.2.1, Node 24. Pixels come as alpha, blue, green, red; with toRGBA as red, green, blue, alpha. A guess: of each file. Seen: the reader of
# 8 and 4 bits does not ask for the option, so red is 0 everywhere and the others are moved by one; that of 1 bit has the option for every second pixel's first
# values and writes the next over its end. No error. Photographs are right, drawings, scans and icons are not.
# Seen, toRGBA, the colours 0 10 255 and 40 100 225 in the first two pixels (four values each):
#   24 bits: 0 10 255 0 40 100 225 0
#   8 bits, 4 bits: 0 255 10 0 0 225 100 40, as without the option
#   1 bit:   other values (decode-bmp: 0 10 255 and 40 100 225 in all)
# Way out: leave the option out, and turn the four values round oneself: without it all four are right.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error decode-bmp@0.2.1 bmp-ts@1.0.9 > /dev/null
cat > run.mjs <<'JS'
import { decode } from "bmp-ts";
import other from "decode-bmp";

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
const palette = (size) => Buffer.concat([Buffer.from(colours.slice(0, size).flatMap(([r, g, b]) => [b, g, r, 0])), Buffer.alloc(4 * Math.max(0, size - 4))]);
const files = { 24: bmp(24, none, plain), 8: bmp(8, palette(256), Buffer.of(0, 1, 0, 1)), 4: bmp(4, palette(16), Buffer.of(0x01, 0x01, 0, 0)), 1: bmp(1, palette(2), Buffer.of(0b01010000, 0, 0, 0)) };
const firstTwo = (data) => Array.from(data.slice(0, 8)).join(" ");
const seen = {};
for (const [bits, file] of Object.entries(files)) {
  const control = other(file).data;
  if ([0, 1, 2, 4, 5, 6].map((i) => control[i]).join(" ") !== "0 10 255 40 100 225") throw new Error("the file is wrong");
  seen[bits] = [firstTwo(decode(file).data), firstTwo(decode(file, { toRGBA: true }).data)];
}
console.log("bmp-ts 1.0.9, plain and toRGBA:", seen);
const [abgr, rgba] = ["0 255 10 0 0 225 100 40", "0 10 255 0 40 100 225 0"];
const isAsSeen = Object.values(seen).every(([plainly]) => plainly === abgr) && seen[24][1] === rgba && seen[8][1] === abgr && seen[4][1] === abgr && ![abgr, rgba].includes(seen[1][1]);
if (!isAsSeen) throw new Error("this has changed");
JS
node run.mjs
