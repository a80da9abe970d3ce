#!/usr/bin/env bash
# glur makes opaque pictures translucent, and everything two levels darker: a blurred area of 200, 100, 50 and alpha 255 is 198, 98, 48 and 253.
#
# npm glur 2.0.0, Node 24. blurRGBA is a recursive filter that goes over the picture forwards and back, first along rows, then along columns, and keeps whole numbers between the two.
# A guess: a flat area stays what it is, as the filter's weights sum to 1, and opaque stays opaque. But each of the two rounds cuts the fraction off, and the sum of weights in float32 is a
# bit more or less than 1, by the radius: of an exact 255 comes 254, and then 253. Seen, all pixels of a flat picture of 200, 100, 50, 255:
#   radius 0.5, 1 and 10: unchanged     3, 5, 20 and 50: 198, 98, 48, 253     0.8 and 2: two and seven different colours, with alpha from 253 on
#   white, ten times with radius 3: 235, 235, 235, 235
# A PNG or WebP file of the result gets an alpha channel that shows what lies below, encoders lose their way for opaque pictures, and tests of "all alpha is 255" fail.
# Way out: set alpha to 255 afterwards where it was, or sharp's blur.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error glur@2.0.0 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { blurRGBA } from "glur";

const side = 64;
const flat = (colour) => Uint8ClampedArray.from({ length: 4 * side * side }, (_, i) => colour[i % 4]);
const colours = (data) => [...new Set(Array.from({ length: side * side }, (_, i) => data.subarray(4 * i, 4 * i + 4).join(" ")))].sort();
const seen = {};
for (const radius of [0.5, 1, 10, 3, 5, 20, 50, 0.8, 2]) {
  const data = flat([200, 100, 50, 255]);
  blurRGBA(data, side, side, radius);
  seen[radius] = colours(data).join(", ");
}
const white = flat([255, 255, 255, 255]);
for (let i = 0; i < 10; i++) blurRGBA(white, side, side, 3);
seen.white = colours(white).join(", ");
console.log("glur", JSON.parse(readFileSync("node_modules/glur/package.json", "utf8")).version, seen);
const [same, darker] = ["200 100 50 255", "198 98 48 253"];
const isAsSeen = ["0.5", "1", "10"].every((radius) => seen[radius] === same) && ["3", "5", "20", "50"].every((radius) => seen[radius] === darker)
  && seen["0.8"].split(", ").length === 2 && seen["2"].split(", ").length === 7 && seen.white === "235 235 235 235";
if (!isAsSeen) throw new Error("this has changed");
JS
node run.mjs
