#!/usr/bin/env bash
# image-js moves what it resizes by half a pixel of the result, to the right and down: a picture that is resized to its own size comes back blurred.
#
# npm image-js 1.7.0, beside sharp 0.35.5, Node 24. `resize` takes bilinear interpolation by default. A guess: middles of pixels stay middles, as in browsers, OpenCV and Pillow, or corners
# do; with either the size itself is the identity. Here the result's pixel i is read at i / factor - 0.5 (it should be (i + 0.5) / factor - 0.5): half a pixel too early, of the small picture's
# when it shrinks. Seen, 50 60 70 80 90 100 110 120 resized, by image-js / by sharp:
#   to 8:    50 55 65 75 85 95 105 115     / 50 60 70 80 90 100 110 120
#   to 4:    50 65 85 105                  / 56 75 95 114
#   to 16:   50 50 55 60 65 70 75 80 ...   (by middles: 50 53 58 63 68 73 78 83 ...)
#   a square around the middle of 64 pixels, at 31.5 of the original: after shrinking to 32 at 32.5, to 16 at 33.5, after enlarging to 128 at 31.75; bicubic alike, "nearest" stays
# So landmarks and boxes that are found on the small copy lie too far to the right and down by half of the factor, 4 pixels at an eighth, and a picture resized to and fro walks.
# Way out: sharp, or `transform` with the matrix [[f, 0, (f - 1) / 2], [0, f, (f - 1) / 2]].
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --no-audit --no-fund --loglevel=error image-js@1.7.0 sharp@0.35.5 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { Image } from "image-js";
import sharp from "sharp";

const make = (side, value) => {
  const picture = new Image(side, side, { colorModel: "GREY" });
  for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) picture.setPixel(x, y, [value(x, y)]);
  return picture;
};
const row = (picture, y) => Array.from({ length: picture.width }, (_, x) => picture.getValue(x, y, 0)).join(" ");
const ramp = make(8, (x) => 50 + 10 * x);
const square = make(64, (x, y) => (Math.abs(x - 31.5) < 8 && Math.abs(y - 31.5) < 8 ? 255 : 0));
/** The square's centre of mass in pixels of the original. */
const centre = (picture) => {
  let [sum, moment] = [0, 0];
  for (let y = 0; y < picture.height; y++) for (let x = 0; x < picture.width; x++) {
    sum += picture.getValue(x, y, 0);
    moment += x * picture.getValue(x, y, 0);
  }
  return Math.round(1000 * (((moment / sum + 0.5) * 64) / picture.width - 0.5)) / 1000;
};
const seen = {};
for (const side of [8, 4, 16]) seen[side] = row(ramp.resize({ width: side, height: side }), 1);
for (const interpolationType of ["bilinear", "bicubic", "nearest"]) seen[interpolationType] = [64, 32, 16, 128].map((side) => centre(square.resize({ width: side, height: side, interpolationType }))).join(" ");
const pixels = Buffer.from(Array.from({ length: 64 }, (_, i) => 50 + 10 * (i % 8)));
for (const side of [8, 4]) {
  const data = await sharp(pixels, { raw: { width: 8, height: 8, channels: 1 } }).resize(side, side, { kernel: "linear" }).toColourspace("b-w").raw().toBuffer();
  seen[`sharp, ${side}`] = Array.from(data.subarray(side, 2 * side)).join(" ");
}
console.log("image-js", JSON.parse(readFileSync("node_modules/image-js/package.json", "utf8")).version, seen);
const expected = {
  4: "50 65 85 105", 8: "50 55 65 75 85 95 105 115", 16: "50 50 55 60 65 70 75 80 85 90 95 100 105 110 115 120",
  bilinear: "32 32.5 33.5 31.75", bicubic: "32 32.5 33.5 31.75", nearest: "31.5 31.5 31.5 31.5",
};
for (const [name, value] of Object.entries(expected)) if (seen[name] !== value) throw new Error(`this has changed: ${name}`);
if (seen["sharp, 8"] !== "50 60 70 80 90 100 110 120" || seen["sharp, 4"] !== "56 75 95 114") throw new Error("sharp has changed");
JS
node run.mjs
