#!/usr/bin/env bash
# transformers.js 4.3.2 (@huggingface/transformers, Node) darkens the right and lower edge of every picture that it enlarges, by the filters that most models ask for.
#
# Image processors bring a picture to the network's size by the filter that preprocessor_config.json names: 2 (bilinear, also where none is named) or 3 (bicubic) in nearly all. A guess: an
# even picture stays even, as in Pillow, whose numbers these are, and in this package's version for browsers. In Node both are an affine transform of sharp's, which
# takes what lies beyond the last pixel for black, and puts the first pixel in the corner instead of spreading both ends alike. So all pixels that
# stand behind the middle of the last source pixel fade to black: the more a picture is enlarged the more of them. Small cut faces, which are
# enlarged to 224, get a dark frame at two sides; shrunk pictures, test pictures of the right size, and filters 0 and 1 do not.
# Seen, even grey of 200; the middle row's last five pixels, and the pixel in the lower right corner:
#   48 to 224, bilinear:  200 171 129 86 43    9     bicubic: 207 181 135 81 34    6     lanczos (1): all 200     to the nearest (0): all 200
#   100 to 128, bilinear: 200 200 200 200 156  122   bicubic: 200 200 200 211 166  138
#   224 to 48, bilinear and bicubic: all 200
# Way out: "resample": 1 in preprocessor_config.json, or pictures that have the size already.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @huggingface/transformers@4.3.2 >/dev/null

cat >run.mjs <<'JS'
import { ImageProcessor, RawImage } from "@huggingface/transformers";

async function look(from, to, resample) {
  const processor = new ImageProcessor({ size: { width: to, height: to }, resample, do_rescale: false, do_normalize: false });
  const { pixel_values: values } = await processor(new RawImage(new Uint8ClampedArray(from * from * 3).fill(200), from, from, 3));
  const pixels = [...values.data.slice(0, to * to)];
  if (pixels.every((n) => n === 200)) return "even";
  const middle = Math.floor(to / 2) * to;
  return `${pixels.slice(middle + to - 5, middle + to).join(" ")}, corner ${pixels.at(-1)}`;
}
const expected = {
  "48 224": { 0: "even", 1: "even", 2: "200 171 129 86 43, corner 9", 3: "207 181 135 81 34, corner 6" },
  "100 128": { 0: "even", 1: "even", 2: "200 200 200 200 156, corner 122", 3: "200 200 200 211 166, corner 138" },
  "224 48": { 0: "even", 1: "even", 2: "even", 3: "even" },
};
const seen = {};
for (const sizes of Object.keys(expected)) {
  seen[sizes] = {};
  for (const resample of [0, 1, 2, 3]) seen[sizes][resample] = await look(...sizes.split(" ").map(Number), resample);
}
console.log(seen);
const isAsSeen = JSON.stringify(seen) === JSON.stringify(expected);
if (!isAsSeen) console.log("this has changed");
process.exit(isAsSeen ? 0 : 1);
JS
node run.mjs
