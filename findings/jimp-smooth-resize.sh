#!/usr/bin/env bash
# Jimp's bicubic, Hermite and Bezier resizing never reach a picture's last column and row: a copy of the same size is blurred and stretched, one that shrinks by one pixel is only cut.
#
# npm jimp 1.6.1, Node 24. `resize` takes a `mode`; without one it keeps the middles of pixels. A guess: the smooth modes do so too, or keep the corners; at the same size all give the picture back.
# They read the result's pixel i at i (w - 1) / n, n the new width, or a multiple of it that is averaged afterwards; for i = n - 1 that is short of the last pixel. Seen, 50 60 ... 120 (8 x 8) resized:
#   to 8: without a mode and bilinear 50 60 70 80 90 100 110 120, bicubic 50 57 66 75 85 94 103 112, Hermite 50 59 68 76 85 94 103 111, Bezier 50 58 67 76 85 94 103 112
#   to 7: without a mode 51 62 74 85 96 108 119, the three 50 60 70 80 90 100 110 (not resized at all)
#   a square around the middle of 64 pixels, 31.5, lies at 32 in their copies of 64 and of 32, and at 31.8 in those of 128; without a mode at 31.5, 31.5 and 31.6
# Way out: no mode, or sharp.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error jimp@1.6.1 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { Jimp, ResizeStrategy } from "jimp";

const make = (side, value) => {
  const picture = new Jimp({ width: side, height: side });
  for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) picture.bitmap.data.set([value(x, y), 0, 0, 255], 4 * (side * y + x));
  return picture;
};
const resized = (side, value, size, mode) => make(side, value).resize({ w: size, h: size, ...(mode ? { mode } : {}) }).bitmap;
const row = ({ width, data }) => Array.from({ length: width }, (_, x) => data[4 * (width + x)]).join(" ");
const centre = ({ width, data }) => {
  let [sum, moment] = [0, 0];
  for (let i = 0; i < width * width; i++) {
    sum += data[4 * i];
    moment += (i % width) * data[4 * i];
  }
  return Math.round(10 * (((moment / sum + 0.5) * 64) / width - 0.5)) / 10;
};
const ramp = (x) => 50 + 10 * x;
const square = (x, y) => (Math.abs(x - 31.5) < 8 && Math.abs(y - 31.5) < 8 ? 255 : 0);
const seen = {};
for (const [name, mode] of [["none", undefined], ["bilinear", ResizeStrategy.BILINEAR], ["bicubic", ResizeStrategy.BICUBIC], ["Hermite", ResizeStrategy.HERMITE], ["Bezier", ResizeStrategy.BEZIER]]) {
  seen[name] = [row(resized(8, ramp, 8, mode)), row(resized(8, ramp, 7, mode)), [64, 128, 32].map((size) => centre(resized(64, square, size, mode))).join(" ")];
}
console.log("jimp", JSON.parse(readFileSync("node_modules/jimp/package.json", "utf8")).version, seen);
const same = "50 60 70 80 90 100 110 120";
const cut = "50 60 70 80 90 100 110";
const expected = {
  none: [same, "51 62 74 85 96 108 119", "31.5 31.6 31.5"], bilinear: [same, "50 61 73 84 96 107 119", "31.5 31.3 31.5"],
  bicubic: ["50 57 66 75 85 94 103 112", cut, "32 31.8 32"], Hermite: ["50 59 68 76 85 94 103 111", cut, "32 31.8 32"], Bezier: ["50 58 67 76 85 94 103 112", cut, "32 31.8 32"],
};
for (const [name, rows] of Object.entries(expected)) if (seen[name].join() !== rows.join()) throw new Error(`this has changed: ${name}`);
JS
node run.mjs
