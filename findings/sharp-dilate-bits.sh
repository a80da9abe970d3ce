#!/usr/bin/env bash
# sharp 0.35.5 (libvips 8.18.7), Node 24: `dilate` and `erode` of a mask with soft edges.
#
# A guess: dilate gives each pixel the largest value around it and erode the smallest, as in OpenCV, SciPy and Pillow's MaxFilter, for all grey levels.
# Seen: they work on the bits of the values. dilate is a bitwise AND, so it makes what is white smaller (black is the foreground), and erode a
# bitwise OR: both give values that no pixel around has. Of masks of 0 and 255 alone that is what morphology gives, with the names interchanged
# for who has white faces on black; a mask that was resized, blurred or read from a JPEG has other values, and gets holes and rings.
#   row 0 10 20 30 40, dilate: 0 0 0 0 8 (30 AND 40); erode: 10 30 30 62 62 (20 OR 30 OR 40)
#   row 255 255 128 127 127, a soft edge, dilate: 255 128 0 0 127; erode: 255 255 255 255 127
#   row 0 0 255 0 0, dilate: 0 0 0 0 0; erode: 0 255 255 255 0
# Way out: threshold first, and take erode to grow white; for grey levels OpenCV, or a maximum of shifted copies.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error sharp@0.35.5 >/dev/null
cat >check.cjs <<'JS'
const sharp = require("sharp");
const before = {
  "dilate 0 10 20 30 40": "0 0 0 0 8",
  "erode 0 10 20 30 40": "10 30 30 62 62",
  "dilate 255 255 128 127 127": "255 128 0 0 127",
  "erode 255 255 128 127 127": "255 255 255 255 127",
  "dilate 0 0 255 0 0": "0 0 0 0 0",
  "erode 0 0 255 0 0": "0 255 255 255 0",
};
(async () => {
  let asBefore = true;
  for (const [asked, expected] of Object.entries(before)) {
    const [operation, ...row] = asked.split(" ");
    const picture = sharp(Buffer.from(row.map(Number)), { raw: { width: row.length, height: 1, channels: 1 } });
    const seen = [...(await picture[operation](1).extractChannel(0).raw().toBuffer())].join(" ");
    console.log(`${asked}: ${seen}`);
    asBefore &&= seen === expected;
  }
  if (!asBefore) console.log("this has changed");
  process.exit(asBefore ? 0 : 1);
})();
JS
node check.cjs
