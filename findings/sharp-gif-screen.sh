#!/usr/bin/env bash
# sharp 0.35.5 (libvips 8.18.7), Node 20: a GIF file whose first frame is smaller than its screen.
#
# A GIF file says how large its screen is, and where on it each frame lies; frames that cover a part alone are common in optimised files.
# A guess: the picture has the size of the screen, in every program, as it has in browsers.
# Seen: where the screen has one of six sizes of old monitors (640 x 480, 640 x 512, 800 x 600, 1024 x 768, 1280 x 1024, 1600 x 1200), or a side over
# 2048, it is taken for a mistake of the writer: the picture reaches from the corner to the end of the first frame, and a later frame that lies
# farther out is not there at all. No error, no warning, `failOn: "warning"` included. One pixel more or less and the same file is right.
#   640 x 480: 140 x 80      641 x 480: as the file says
#   800 x 600: 140 x 80      800 x 601: as the file says
#   2049 x 100: 140 x 80     2048 x 100: as the file says
#   of two frames of a screen of 640 x 480, side by side, the second has no pixel; of 641 x 480 it is there
# Way out: the screen's size from the file's bytes 6 to 9, and a copy of the bytes in which a transparent frame of that size comes first; then page 1 on.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error sharp@0.35.5 >/dev/null
cat >check.cjs <<'JS'
const sharp = require("sharp");
const short = (value) => [value & 255, value >> 8];
/** A frame of 40 x 30 red pixels: LZW of 3 bits that is begun anew for each pixel. */
function frame(x, y) {
  const codes = [...Array.from({ length: 40 * 30 }, () => [4, 1]).flat(), 5];
  const bytes = [];
  let [bits, held] = [0, 0];
  for (const code of codes) {
    held |= code << bits;
    for (bits += 3; bits >= 8; bits -= 8, held >>= 8) bytes.push(held & 255);
  }
  if (bits > 0) bytes.push(held & 255);
  const blocks = [];
  for (let at = 0; at < bytes.length; at += 255) blocks.push(Math.min(255, bytes.length - at), ...bytes.slice(at, at + 255));
  return [0x21, 0xf9, 4, 4, 10, 0, 0, 0, 0x2c, ...short(x), ...short(y), ...short(40), ...short(30), 0, 2, ...blocks, 0];
}
const gif = (width, height, ...frames) =>
  Buffer.from([...Buffer.from("GIF89a"), ...short(width), ...short(height), 0x80, 0, 0, 255, 255, 255, 200, 0, 0, ...frames.flat(), 0x3b]);
async function sizeOf(width, height) {
  const { info } = await sharp(gif(width, height, frame(100, 50)), { failOn: "warning" }).raw().toBuffer({ resolveWithObject: true });
  return `${info.width} x ${info.height}`;
}
/** Red pixels of the second frame, which lies to the right of the first. */
async function redInSecond(width, height) {
  const pixels = await sharp(gif(width, height, frame(100, 50), frame(200, 50)), { page: 1 }).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  const { data, info } = pixels;
  let red = 0;
  for (let at = 0; at < data.length; at += 4) if ((at / 4) % info.width >= 200 && data[at] === 200 && data[at + 3] === 255) red++;
  return red;
}
(async () => {
  let asBefore = true;
  const expect = (name, seen, before) => {
    console.log(`${name}: ${seen}`);
    asBefore &&= seen === before;
  };
  for (const [width, height] of [[640, 480], [640, 512], [800, 600], [1024, 768], [1280, 1024], [1600, 1200], [2049, 100]])
    expect(`${width} x ${height}`, await sizeOf(width, height), "140 x 80");
  for (const [width, height] of [[641, 480], [800, 601], [2048, 100], [320, 240]])
    expect(`${width} x ${height}`, await sizeOf(width, height), `${width} x ${height}`);
  expect("second frame of 640 x 480, red pixels", await redInSecond(640, 480), 0);
  expect("second frame of 641 x 480, red pixels", await redInSecond(641, 480), 1200);
  if (!asBefore) console.log("this has changed");
  process.exit(asBefore ? 0 : 1);
})();
JS
node check.cjs
