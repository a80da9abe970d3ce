#!/usr/bin/env bash
# sharp 0.35.5 (libvips 8.18.7), Node 20: a picture that is enlarged.
#
# A guess: what `resize` enlarges stays where it is, as in browsers' canvas, OpenCV and Pillow (the middle of a pixel stays its middle), since what sharp
# makes smaller does, and its kernels are the same.
# Seen: everything stands half a pixel of the result farther right and below, with each smooth kernel and at each factor. Made smaller,
# nothing moves. Who multiplies boxes that were found in the enlarged picture by the factor is off by half a pixel of it, and whoever compares
# with a browser's enlarged copy sees up to 30 levels of difference at edges.
#   a blob in the middle of 60 px, enlarged to 75, 90, 120, 137 and 240: its centre of mass is 0.50 px right of and 0.50 px below the middle
#   (cubic, mitchell, lanczos2, lanczos3); of 240 px, made 180, 120 and 60: 0.00
# Way out: enlarge with something else, or count with the half pixel.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error sharp@0.35.5 >/dev/null
cat >check.cjs <<'JS'
const sharp = require("sharp");
// A blob of light in the middle of a picture. Its centre of mass is the middle, whatever the side: else it has moved.
async function shift(from, to, kernel) {
  const data = Buffer.alloc(from * from);
  for (let at = 0; at < data.length; at++) {
    const [x, y] = [at % from, Math.floor(at / from)].map((index) => (index + 0.5) / from - 0.5);
    data[at] = Math.round(200 * Math.exp(-(x * x + y * y) / 2 / 0.12 ** 2));
  }
  const raw = { width: from, height: from, channels: 1 };
  const result = await sharp(data, { raw }).resize(to, to, { kernel }).toColourspace("b-w").raw().toBuffer();
  let [sum, right, below] = [0, 0, 0];
  for (let at = 0; at < result.length; at++) {
    sum += result[at];
    right += result[at] * ((at % to) + 0.5 - to / 2);
    below += result[at] * (Math.floor(at / to) + 0.5 - to / 2);
  }
  return [right / sum, below / sum];
}
(async () => {
  let asBefore = true;
  for (const kernel of ["cubic", "mitchell", "lanczos2", "lanczos3"]) {
    const larger = await Promise.all([[60, 75], [60, 90], [60, 120], [60, 137], [60, 240]].map(async ([from, to]) => shift(from, to, kernel)));
    const smaller = await Promise.all([[240, 180], [240, 120], [240, 60]].map(async ([from, to]) => shift(from, to, kernel)));
    const text = (shifts) => shifts.map(([right, below]) => `${right.toFixed(2)} ${below.toFixed(2)}`).join(", ");
    console.log(`${kernel}: enlarged ${text(larger)}; made smaller ${text(smaller)}`);
    asBefore &&= larger.flat().every((value) => Math.abs(value - 0.5) < 0.1) && smaller.flat().every((value) => Math.abs(value) < 0.1);
  }
  if (!asBefore) console.log("this has changed");
  process.exit(asBefore ? 0 : 1);
})();
JS
node check.cjs
