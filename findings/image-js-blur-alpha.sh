#!/usr/bin/env bash
# image-js makes translucent pictures opaque when it blurs them: alpha 128 becomes 255, with a fainter frame, and what was invisible is black.
#
# npm image-js 1.7.0, Node 24. `blur` and `gaussianBlur` take pictures with alpha, and go over that channel too. A guess: alpha is blurred as the colours are, or is left alone.
# Inside, the picture is first copied into a larger one, for its borders, and that copy gets alpha 255 wherever the picture itself lies; only the strip around it has the picture's
# own alpha. What comes out is a blur of that. Seen, rows of alpha in a picture of 10 x 10, kernel 3 x 3:
#   128 everywhere:                        184 213 213 213 ... 184 above and below, 213 255 255 255 ... 213 between
#   255 255 255 255 0 0 0 0 0 0:           255 255 255 255 255 255 255 255 255 170
#   medianFilter and directConvolution:    right
# Cut-outs (a face or a person without what is behind) lose their outline: all of the rectangle is opaque, and its hidden pixels, mostly black, are shown.
# Way out: split off the alpha, blur the colours, and put it back; or directConvolution with the same kernel.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error image-js@1.7.0 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { Image } from "image-js";

const make = (alpha) => {
  const picture = new Image(10, 10, { colorModel: "RGBA" });
  for (let y = 0; y < 10; y++) for (let x = 0; x < 10; x++) picture.setPixel(x, y, alpha(x) === 0 ? [0, 0, 0, 0] : [200, 100, 50, alpha(x)]);
  return picture;
};
const row = (picture, y) => Array.from({ length: 10 }, (_, x) => picture.getValue(x, y, 3)).join(" ");
const even = make(() => 128);
const half = make((x) => (x < 4 ? 255 : 0));
const third = Array.from({ length: 3 }, () => [1 / 9, 1 / 9, 1 / 9]);
const seen = {
  "even, blur, above": row(even.blur({ width: 3, height: 3 }), 0),
  "even, blur, middle": row(even.blur({ width: 3, height: 3 }), 5),
  "even, gaussianBlur, middle": row(even.gaussianBlur({ sigma: 1 }), 5),
  "half, blur": row(half.blur({ width: 3, height: 3 }), 5),
  "half, medianFilter": row(half.medianFilter({ cellSize: 3 }), 5),
  "half, directConvolution": row(half.directConvolution(third), 5),
};
console.log("image-js", JSON.parse(readFileSync("node_modules/image-js/package.json", "utf8")).version, seen);
const expected = {
  "even, blur, above": "184 213 213 213 213 213 213 213 213 184",
  "even, blur, middle": "213 255 255 255 255 255 255 255 255 213",
  "even, gaussianBlur, middle": "217 248 255 255 255 255 255 255 248 217",
  "half, blur": "255 255 255 255 255 255 255 255 255 170",
  "half, medianFilter": "255 255 255 255 0 0 0 0 0 0",
  "half, directConvolution": "255 255 255 170 85 0 0 0 0 0",
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
