#!/usr/bin/env bash
# image-ssim says NaN of two equal pictures, where a window of one pixel is left over.
#
# npm image-ssim 0.2.0, Node 24. Similarity is the mean over windows of 8 x 8 pixels, side by side; what is left over at the right and below are smaller
# windows. A guess: SSIM of a picture and itself is 1, by its definition. Variances are divided by the count of pixels less one, and a picture with one
# column and one row left over (1 more than a multiple of 8 both ways: 9 x 9, 513 x 513, 641 x 481) has a window of one pixel, and 0 / 0 in the mean.
# NaN is neither below nor above a threshold, so a check that asks for less than it passes, and one that asks for more fails, whatever is seen.
# Seen, a picture and itself (and the contrast-structure part, `mcs`):
#   16 x 16: 1 (1)    17 x 16: 1 (1)    17 x 17: NaN (NaN)    513 x 481: NaN (NaN)
#   15 x 15 with windows of 7: NaN (NaN)    17 x 17 with windows of 7: 1 (1)
# Way out: choose a window by which not both sides leave one pixel over, or cut the picture.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error image-ssim@0.2.0 > /dev/null
cat > run.cjs <<'JS'
const { compare } = require("image-ssim");
const itself = (width, height, windowSize) => {
  const picture = { data: Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 7) % 251), width, height, channels: 3 };
  const { ssim, mcs } = compare(picture, picture, windowSize);
  return `${Number(ssim.toFixed(9))} (${Number(mcs.toFixed(9))})`;
};
const seen = { "16 x 16": itself(16, 16), "17 x 16": itself(17, 16), "17 x 17": itself(17, 17), "513 x 481": itself(513, 481), "15 x 15 by 7": itself(15, 15, 7), "17 x 17 by 7": itself(17, 17, 7) };
console.log("image-ssim", require("image-ssim/package.json").version, seen);
const [one, none] = ["1 (1)", "NaN (NaN)"];
const expected = { "16 x 16": one, "17 x 16": one, "17 x 17": none, "513 x 481": none, "15 x 15 by 7": none, "17 x 17 by 7": one };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
