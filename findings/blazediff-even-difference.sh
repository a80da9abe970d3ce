#!/usr/bin/env bash
# @blazediff/ssim's fast method finds a black and a white picture identical, and a texture and its negative: it tells how evenly two pictures differ, not how much.
#
# npm @blazediff/ssim 1.7.1, Node 24. hitchhikersSSIM computes SSIM in windows and is documented to return "0-1, where 1 is identical". A guess: the mean over windows, as its two
# siblings do. By default (covPooling) it returns 1 less the coefficient of variation of the windows' values, by the paper "A Hitchhiker's Guide to Structural
# Similarity", where that was found to go along with how people judge pictures that were compressed. What is wrong alike everywhere has no variation: 1, and a mean below
# 0 is 1 as well. A tenth of the contrast, or a grey area in place of a texture, scores better than one black corner; unlike noise -4; and a picture of one window
# (11 to 21 pixels) is like any other.
# Seen, 110 x 110 pixels, ssim of the same package, hitchhikersSSIM, and with covPooling: false:
#   black and white: 0.000, 1.000, 0.000    texture and its negative: -0.950, 1.000, -0.957    texture and flat grey: 0.042, 0.925, 0.040
#   texture and a tenth of its contrast: 0.230, 0.987, 0.229    one corner of 11 x 11 black: 0.994, 0.899, 0.990    two noises: 0.017, -4.198, 0.017
# Way out: { covPooling: false }.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @blazediff/ssim@1.7.1
cat > look.js <<'JS'
import ssim from "@blazediff/ssim/ssim";
import hitchhikersSSIM from "@blazediff/ssim/hitchhikers-ssim";
const size = 110;
function picture(grey) {
  const data = new Uint8ClampedArray(size * size * 4);
  for (let i = 0; i < size * size; i++) {
    const level = grey(i % size, Math.floor(i / size));
    data.set([level, level, level, 255], i * 4);
  }
  return data;
}
let state = 1;
const draw = () => Array.from({ length: size * size }, () => 60 + (130 * (state = (state * 16_807) % 2_147_483_647)) / 2_147_483_647);
const [one, other] = [draw(), draw()];
const texture = (x, y) => one[y * size + x];
const pairs = {
  same: [texture, texture],
  "black, white": [() => 0, () => 255],
  negative: [texture, (x, y) => 255 - texture(x, y)],
  "flat grey": [texture, () => 125],
  "a tenth": [texture, (x, y) => 125 + (texture(x, y) - 125) / 10],
  "black corner": [texture, (x, y) => (x < 11 && y < 11 ? 0 : texture(x, y))],
  "two noises": [texture, (x, y) => other[y * size + x]],
};
const seen = {};
for (const [name, greys] of Object.entries(pairs)) {
  const [a, b] = greys.map(picture);
  const scores = [
    ssim(a, b, undefined, size, size),
    hitchhikersSSIM(a, b, undefined, size, size),
    hitchhikersSSIM(a, b, undefined, size, size, { covPooling: false }),
  ];
  seen[name] = scores.map((score) => Number(score.toFixed(3)));
}
console.log("@blazediff/ssim 1.7.1, ssim, hitchhikersSSIM, the same without covPooling:", seen);
const expected = {
  same: [1, 1, 1],
  "black, white": [0, 1, 0],
  negative: [-0.95, 1, -0.957],
  "flat grey": [0.042, 0.925, 0.04],
  "a tenth": [0.23, 0.987, 0.229],
  "black corner": [0.994, 0.899, 0.99],
  "two noises": [0.017, -4.198, 0.017],
};
const isNear = (name) => expected[name].every((score, i) => Math.abs(score - seen[name][i]) < 0.02);
if (!Object.keys(expected).every(isNear)) throw new Error("this has changed");
JS
node look.js
