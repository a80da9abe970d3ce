#!/usr/bin/env bash
# quantize (median cut, the maker of many "dominant colours") gives channels of 256, colours that no pixel has, and more colours than were asked for.
#
# npm quantize 1.0.2, Node 24. Pixels are counted in cells of 8 levels; a cell's colour is its middle by count, but a box in which no pixel lies gets the middle of its edges,
# with the upper edge one past its end. A guess: a palette is of bytes, of colours near those of some pixels, and no more of them than asked for.
# 256 is 0 in a Uint8Array, and one digit too many in #rrggbb. The order is no help: an empty box does not always come last.
# Seen, 60 red pixels (255, 0, 0) and 40 blue ones (0, 0, 255):
#   2 asked, 3 given: 252 4 4, 4 4 252, 188 4 132        3 asked, 4 given: 60 4 256 too        5 asked, 5 given: 256 4 4 too
# Half white, half black, 3 asked, 4 given:  4 4 4, 252 252 252, 188 256 128 twice
# And three pixels, (10, 200, 30), (12, 60, 90), (250, 1, 4), 3 colours: 252 4 4 alone
# Way out: look for the nearest colour of each pixel, drop the colours that got none, and cut off at 255.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error quantize@1.0.2 > /dev/null
cat > run.cjs <<'JS'
const module_ = require("quantize");
const quantize = module_.default ?? module_;
const many = (count, colour) => Array(count).fill(colour);
const palette = (pixels, count) => quantize(pixels, count).palette().map((colour) => colour.join(" ")).sort().join(", ");
const redAndBlue = [...many(60, [255, 0, 0]), ...many(40, [0, 0, 255])];
const seen = {
  two: palette(redAndBlue, 2),
  three: palette(redAndBlue, 3),
  five: palette(redAndBlue, 5),
  grey: palette([...many(50, [255, 255, 255]), ...many(50, [0, 0, 0])], 3),
  pixels: palette([[10, 200, 30], [12, 60, 90], [250, 1, 4]], 3),
};
console.log("quantize", JSON.parse(require("node:fs").readFileSync("node_modules/quantize/package.json", "utf8")).version, seen);
const expected = {
  two: "188 4 132, 252 4 4, 4 4 252",
  three: "188 4 132, 252 4 4, 4 4 252, 60 4 256",
  five: "188 4 132, 252 4 4, 256 4 4, 4 4 252, 60 4 256",
  grey: "188 256 128, 188 256 128, 252 252 252, 4 4 4",
  pixels: "252 4 4",
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
