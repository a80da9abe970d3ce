#!/usr/bin/env bash
# transformers.js 4.3.2 (@huggingface/transformers, Node): RawImage.crop takes the box's right and lower edge with it, so that every face is cut one pixel too large.
#
# RawImage is modelled on Pillow's Image; crop takes xmin, ymin, xmax, ymax, which is also what the package's own detectors give as boxes. A guess: as in Pillow, and as detectors mean it, width is xmax - xmin, so that
# two halves make a whole. Here both corners are pixels of the result: a box of one pixel is 2 x 2, halves share a column, and a face that is asked for as a square of 112 comes as 113 and is
# resized again by whoever wants 112, by which it is blurred. At the picture's own edge the box is cut, and nothing is added. center_crop is exact. Boxes with fractions, as networks give them, are refused in Node
# ("Expected integer").
# Seen, 200 x 100 pixels (Pillow):
#   crop 10 10 122 122 of 200 x 200: 113 x 113 (112 x 112)      10 10 11 11: 2 x 2 (1 x 1)      halves 0 0 100 100 and 100 0 200 100: 101 and 100 wide (100 and 100)
#   center_crop(112, 100): 112 x 100      10.5 10 20 20: refused
# Way out: crop([xmin, ymin, xmax - 1, ymax - 1]) of whole numbers.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @huggingface/transformers@4.3.2
cat > look.js <<'JS'
import { RawImage } from "@huggingface/transformers";
const picture = (width, height) => new RawImage(Uint8ClampedArray.from({ length: width * height }, (_, i) => i % width), width, height, 1);
const seen = {};
async function look(name, make) {
  try {
    const { width, height, data } = await make();
    seen[name] = `${width} x ${height}, columns ${data[0]} to ${data[width - 1]}`;
  } catch (error) {
    seen[name] = error.message.split(" for ")[0].split(" between ")[0];
  }
}
await look("112", () => picture(200, 200).crop([10, 10, 122, 122]));
await look("1", () => picture(200, 100).crop([10, 10, 11, 11]));
await look("left half", () => picture(200, 100).crop([0, 0, 100, 100]));
await look("right half", () => picture(200, 100).crop([100, 0, 200, 100]));
await look("center", () => picture(200, 100).center_crop(112, 100));
await look("fraction", () => picture(200, 100).crop([10.5, 10, 20, 20]));
await look("less one", () => picture(200, 200).crop([10, 10, 121, 121]));
console.log(seen);
const expected = {
  112: "113 x 113, columns 10 to 122",
  1: "2 x 2, columns 10 to 11",
  "left half": "101 x 100, columns 0 to 100",
  "right half": "100 x 100, columns 100 to 199",
  center: "112 x 100, columns 44 to 155",
  fraction: "Expected integer",
  "less one": "112 x 112, columns 10 to 121",
};
for (const [name, value] of Object.entries(expected)) if (seen[name] !== value) throw new Error(`${name} has changed`);
JS
ONNXRUNTIME_NODE_INSTALL=skip node look.js 2> errors || { cat errors; exit 1; }
