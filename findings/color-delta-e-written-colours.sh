#!/usr/bin/env bash
# color-delta-e reads the digits of a colour and nothing else: lab() is taken for rgb() without its signs, a decimal point parts a number in two, and a colour by eight digits is black.
#
# npm color-delta-e 1.3.0, beside culori 4.0.2, Node 24. deltaE takes colours as text, whose kind it finds out by itself, or as arrays with their kind; rgb, hsl, hex and lab have ways of their own. A guess:
# text and array of one colour are the same, or an error. But text is cut at everything that is not a digit, and what is found is then red, green and blue, for lab too. Seen, the difference of two colours:
#   lab(50, -20, 30), lab(50, 20, 30)           0          as arrays, kind "lab": 25.96
#   rgb(55.5, 117, 192), rgb(55, 117, 192)      36.48      (it is 55, 5, 117); as arrays 0.05
#   hsl(120.5, 50%, 50%), hsl(120, 50%, 50%)    51.30      as arrays the same
#   #ff0000ff, #000000                          0          culori's CIE94 of red and black: 56.30
#   red, #000                                   0          the same
# isPerceivable and contrastText stand on it: for [10, 0, 0] of lab, almost black, contrastText says [0, 0, 0], as for a light grey.
# No error. Numbers with a point are what tools and averages of pixels write.
# Way out: whole numbers in rgb() and six digits, or culori's parse and differenceCie94.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error color-delta-e@1.3.0 culori@4.0.2 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { contrastText, deltaE } from "color-delta-e";
import { differenceCie94 } from "culori";

const seen = {
  "lab as text": deltaE("lab(50, -20, 30)", "lab(50, 20, 30)"),
  "lab as arrays": deltaE([50, -20, 30], [50, 20, 30], "lab"),
  "rgb as text": deltaE("rgb(55.5, 117, 192)", "rgb(55, 117, 192)"),
  "rgb as arrays": deltaE([55.5, 117, 192], [55, 117, 192], "rgb"),
  "hsl as text": deltaE("hsl(120.5, 50%, 50%)", "hsl(120, 50%, 50%)"),
  "hsl as arrays": deltaE([120.5, 50, 50], [120, 50, 50], "hsl"),
  "eight digits": deltaE("#ff0000ff", "#000000"),
  named: deltaE("red", "#000"),
};
for (const name of Object.keys(seen)) seen[name] = seen[name].toFixed(2);
seen["red and black, culori"] = differenceCie94()("#ff0000", "#000000").toFixed(2);
seen.contrast = [contrastText("#ff0000ff"), contrastText([90, 0, 0], "lab").join(), contrastText([10, 0, 0], "lab").join()].join(" ");
console.log("color-delta-e", JSON.parse(readFileSync("node_modules/color-delta-e/package.json", "utf8")).version, seen);
const expected = {
  "lab as text": "0.00", "lab as arrays": "25.96", "rgb as text": "36.48", "rgb as arrays": "0.05", "hsl as text": "51.30", "hsl as arrays": "51.30", "eight digits": "0.00", named: "0.00",
  "red and black, culori": "56.30", contrast: "#fff 0,0,0 0,0,0",
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
