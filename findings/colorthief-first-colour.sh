#!/usr/bin/env bash
# colorthief calls the colour of the first pixel the dominant one, where a picture has up to five colours: one blue pixel in the corner of 10,100 red ones makes the picture blue.
#
# npm colorthief 3.5.0, beside sharp 0.35.5, Node 24. getColor is documented to give the dominant colour; each colour tells its share of the pixels. A guess: it is the one with the largest share, as in photographs
# it is. getColor takes the first of a palette of five; a picture of no more colours than the palette has places is not quantised, and its colours come in the order in which they are met, unsorted.
# Seen, quality 1, 90 % red, the rest shared by others, the first pixel one of these, as the "dominant" colour's share:
#   2 colours 0.100     3 colours 0.050     4 colours 0.033     5 colours 0.025     6, 8 and 12 colours 0.900
#   one pixel first of 10,100: 0.0001; the same pixel last: 0.9999
# And with the default quality, "every 10th" pixel, it is each tenth in the order of memory: of a width of 640, 1280 or 1920 the columns 0, 10, 20 ... alone. Seen, blue in those columns, red elsewhere,
# a palette of two: 100 wide blue alone, 101 wide both; blue one column further right, 100 wide: red alone.
# Logos, icons, flags, drawings and screen shots are such pictures.
# Way out: the colour of getPalette with the largest `proportion`, and a quality that has no divisor in common with the width.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --no-audit --no-fund --loglevel=error colorthief@3.5.0 sharp@0.35.5 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { getColor, getPalette } from "colorthief";
import sharp from "sharp";

const [red, blue] = [[200, 30, 30], [30, 30, 200]];
const picture = (width, colour) => sharp(Buffer.from(Array.from({ length: 100 * width }, (_, i) => colour(i)).flat()), { raw: { width, height: 100, channels: 3 } }).png().toBuffer();
const others = (count) => Array.from({ length: count }, (_, k) => [30 + ((53 * k) % 170), 200 - ((31 * k) % 150), 60 + ((77 * k) % 180)]);
const seen = {};
for (const count of [2, 3, 4, 5, 6, 8, 12]) {
  const rest = others(count - 1);
  const file = await picture(101, (i) => (i % 10 === 0 ? rest[(i / 10) % rest.length] : red));
  seen[`${count} colours`] = (await getColor(file, { quality: 1 })).proportion.toFixed(3);
}
for (const [name, place] of [["first pixel", 0], ["last pixel", 10_099]]) seen[name] = (await getColor(await picture(101, (i) => (i === place ? blue : red)), { quality: 1 })).proportion.toFixed(4);
for (const [width, first] of [[100, 0], [101, 0], [100, 1]]) {
  const palette = await getPalette(await picture(width, (i) => ((i % width) % 10 === first ? blue : red)), { colorCount: 2 });
  seen[`${width} wide, from ${first}`] = palette.map((colour) => (colour.array().join() === red.join() ? "red" : "blue")).sort().join(" ");
}
console.log("colorthief", JSON.parse(readFileSync("node_modules/colorthief/package.json", "utf8")).version, seen);
const expected = {
  "2 colours": "0.100", "3 colours": "0.050", "4 colours": "0.033", "5 colours": "0.025", "6 colours": "0.900", "8 colours": "0.900", "12 colours": "0.900",
  "first pixel": "0.0001", "last pixel": "0.9999", "100 wide, from 0": "blue", "101 wide, from 0": "blue red", "100 wide, from 1": "red",
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
