#!/usr/bin/env bash
# Jimp has two functions for a kernel, convolution and convolute, and one takes the kernel's rows for its columns: a filter for vertical edges finds horizontal ones.
#
# npm jimp 1.6.1, Node 24. Both take `kernel` as rows of numbers, and the documentation of each has the same kernel in its example (and, in both, a call of the other name). A guess: they are two doors to
# one filter, which differ at the border, if at all. Symmetric kernels (blur, sharpen, the example) do not tell them apart; Sobel's, Prewitt's and those of a relief do. Seen:
#   kernel [[0,0,0],[0,0,1],[0,0,0]] (the right neighbour), at x, y of values 20 x + y: convolution 20 (x + 1) + y, convolute 20 x + (y + 1)
#   Sobel's kernel for vertical edges, the largest value: of a vertical edge from 0 to 50 convolution 200, convolute 0; of a horizontal edge 0 and 200
# convolute also filters alpha with the kernel: with Sobel's the result is transparent (alpha 0), with one of sum 0.5 alpha is 127; convolution leaves alpha alone.
# Way out: convolution.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error jimp@1.6.1 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { Jimp } from "jimp";

const make = (value) => {
  const picture = new Jimp({ width: 8, height: 8 });
  for (let y = 0; y < 8; y++) for (let x = 0; x < 8; x++) picture.bitmap.data.set([value(x, y), 0, 0, 255], 4 * (8 * y + x));
  return picture;
};
const at = (picture, x, y, channel = 0) => picture.bitmap.data[4 * (8 * y + x) + channel];
const largest = (picture) => Math.max(...Array.from({ length: 36 }, (_, i) => at(picture, 1 + (i % 6), 1 + Math.floor(i / 6))));
const right = [[0, 0, 0], [0, 0, 1], [0, 0, 0]];
const sobel = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]];
const half = [[0, 0, 0], [0, 0.5, 0], [0, 0, 0]];
const seen = {};
for (const name of ["convolution", "convolute"]) {
  const filtered = (value, kernel) => make(value)[name]({ kernel });
  const place = at(filtered((x, y) => 20 * x + y, right), 3, 4);
  seen[name] = [
    `right neighbour ${place}`,
    `vertical edge ${largest(filtered((x) => (x < 4 ? 0 : 50), sobel))}`,
    `horizontal edge ${largest(filtered((_, y) => (y < 4 ? 0 : 50), sobel))}`,
    `alpha ${at(filtered((x) => (x < 4 ? 0 : 50), sobel), 3, 4, 3)} ${at(filtered(() => 100, half), 3, 4, 3)}`,
  ].join(", ");
}
console.log("jimp", JSON.parse(readFileSync("node_modules/jimp/package.json", "utf8")).version, "(3, 4 is 64)", seen);
const expected = { convolution: "right neighbour 84, vertical edge 200, horizontal edge 0, alpha 255 255", convolute: "right neighbour 65, vertical edge 0, horizontal edge 200, alpha 0 127" };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
