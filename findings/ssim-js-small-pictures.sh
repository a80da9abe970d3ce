#!/usr/bin/env bash
# ssim.js finds any two pictures of up to 9 x 9 pixels equal, and a picture of 10 x 10 wholly unlike itself; of 14 bits and more it gives -1.2 and 2.1.
#
# npm ssim.js 3.5.0, Node 24. SSIM is the mean over windows of 11 x 11 pixels; the documentation promises a score from 0 to 1, and has an option bitDepth. A guess: a
# picture that is smaller than a window is refused, or is one window. The default method, weber, counts windows as (width - 10) x (height - 10): below ten the two negative
# numbers make a positive count of windows that are empty, hence equal; at ten there are none, and the mean of nothing stays 0. Icons and small faces are such pictures. The
# method's sums are of 32 bits, and are multiplied by 1,024 once more, which 8 to 12 bits fit into; with bitDepth 14 or 16 they overflow without an error. Its three other
# methods (fast, original, bezkrovny) are right there, but fast and original are NaN of small pictures.
# Seen, a white diagonal on black, with itself and with its negative, by the default: 4, 8 and 9 pixels 1 and 1; 10 pixels 0 and 0; 11 pixels 1 and -0.196
#   8 x 20 pixels: "Invalid typed array length"    one pattern with noise, as 8, 10 and 12 bits: 0.630; 14 bits: -1.247; 16 bits: 2.066; fast: 0.624 for all five
# Way out: { ssim: "bezkrovny" }, which compares windows side by side, also cut ones, and is right for all depths.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts ssim.js@3.5.0
cat > look.js <<'JS'
import { ssim } from "ssim.js";
function picture(width, height, grey, Samples = Uint8ClampedArray, white = 255) {
  const data = new Samples(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const level = Math.round(white * grey(i % width, Math.floor(i / width)));
    data.set([level, level, level, white], i * 4);
  }
  return { data, width, height };
}
function score(...pictures) {
  try {
    return Number(ssim(...pictures).mssim.toFixed(3));
  } catch (error) {
    return error.message.slice(0, 28);
  }
}
const diagonal = (x, y) => (x === y ? 1 : 0);
const negative = (x, y) => 1 - diagonal(x, y);
const small = {};
for (const size of [4, 8, 9, 10, 11]) {
  const a = picture(size, size, diagonal);
  small[size] = [score(a, a), score(a, picture(size, size, negative)), score(a, a, { ssim: "bezkrovny" }), score(a, picture(size, size, negative), { ssim: "bezkrovny" })];
}
const narrow = picture(8, 20, diagonal);
small.narrow = score(narrow, narrow);
let state = 1;
const noise = Array.from({ length: 32 * 32 }, () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647);
const waves = (x, y) => 0.5 + 0.5 * Math.sin(x * 1.1) * Math.cos(y * 0.9);
const noisy = (x, y) => 0.5 * waves(x, y) + 0.5 * noise[y * 32 + x];
const depths = {};
for (const bitDepth of [8, 10, 12, 14, 16]) {
  const pair = [waves, noisy].map((grey) => picture(32, 32, grey, Uint16Array, 2 ** bitDepth - 1));
  depths[bitDepth] = ["weber", "fast", "bezkrovny"].map((method) => score(...pair, { bitDepth, ssim: method }));
}
console.log("ssim.js 3.5.0, with itself, with its negative (the same by bezkrovny):", small, "by depth, weber, fast, bezkrovny:", depths);
const wrong = ["4", "8", "9"].every((size) => small[size][0] === 1 && small[size][1] === 1 && small[size][3] < 0);
const isAsSeen =
  wrong && small[10][0] === 0 && small[10][1] === 0 && small[11][0] === 1 && small[11][1] < 0 && String(small.narrow).startsWith("Invalid typed array") &&
  [8, 10, 12].every((bits) => Math.abs(depths[bits][0] - 0.63) < 0.01) && depths[14][0] < -1 && depths[16][0] > 2 &&
  Object.values(depths).every(([, fast, flat]) => Math.abs(fast - 0.624) < 0.01 && Math.abs(flat - 0.638) < 0.01);
if (!isAsSeen) throw new Error("this has changed");
JS
node look.js
