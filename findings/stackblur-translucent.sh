#!/usr/bin/env bash
# stackblur-canvas changes the colour of evenly translucent pixels: half-transparent brown becomes half-transparent yellow, a quarter of it white.
#
# npm stackblur-canvas 3.0.1, Node 24 (imageDataRGBA needs no canvas: an object with data, width and height does). Pixels of a canvas are not multiplied by their alpha. A blur
# sums colours times alpha, and divides by the blurred alpha at the end. A guess: an even area stays what it is, as it does where alpha is 255. Seen: each of its
# two passes, across and down, divides, and neither multiplies first, so colours come out (255 / alpha) squared times too bright and are cut off at 255.
# Seen, 16 x 16 pixels of (200, 100, 50) with one alpha, radius 2 (1 and 5 alike):
#   255: 200 100 50    254: 202 100 50    250: 208 104 52    200: 255 162 82    128: 255 255 199    64: 255 255 255
# Around a cut-out face with a soft edge it is a bright seam.
# Way out: multiply by alpha / 255 twice beforehand loses digits; better blur the colours with imageDataRGB on a flattened picture and alpha for itself, or use sharp.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error stackblur-canvas@3.0.1 > /dev/null
cat > run.cjs <<'JS'
const { imageDataRGBA } = require("stackblur-canvas");
const side = 16;
const blurred = (alpha, radius) => {
  const picture = { data: new Uint8ClampedArray(4 * side * side), width: side, height: side };
  for (let i = 0; i < side * side; i++) picture.data.set([200, 100, 50, alpha], 4 * i);
  imageDataRGBA(picture, 0, 0, side, side, radius);
  const pixels = new Set(Array.from({ length: side * side }, (_, i) => picture.data.slice(4 * i, 4 * i + 4).join(" ")));
  return [...pixels].join(", ");
};
const seen = [255, 254, 250, 200, 128, 64].map((alpha) => blurred(alpha, 2));
const radii = [1, 5].map((radius) => blurred(128, radius));
console.log("stackblur-canvas", JSON.parse(require("node:fs").readFileSync("node_modules/stackblur-canvas/package.json", "utf8")).version, seen, radii);
const expected = ["200 100 50 255", "202 100 50 254", "208 104 52 250", "255 162 82 200", "255 255 199 128", "255 255 255 64"];
if (JSON.stringify(seen) !== JSON.stringify(expected) || radii.some((pixels) => pixels !== "255 255 199 128")) throw new Error("this has changed");
JS
node run.cjs
