#!/usr/bin/env bash
# node-webpmux puts a frame twice as far from the corner as it is told, and tells half of what a file says: a patch for (6, 0) covers (12, 0), and one beyond the middle makes a file that nobody reads.
#
# npm node-webpmux 3.2.1, beside sharp 0.35.5, Node 24. A frame of an animated WebP file covers a part of the picture; the file holds half of its place, so that places are even (WebP container specification, "the X
# coordinate of the upper left corner of the frame is Frame X * 2"). The package documents x and y as the offset of the frame within the animation. A guess: pixels, or an error where they are
# odd. The number goes into the file as it is, and comes out as it is. Its own round trips hold, so that only another program shows it. Seen, a black patch of 2 x 2 on 16 x 16, asked for / where sharp finds it:
#   (2, 2)      (4, 4)
#   (3, 5)      (6, 10)
#   (6, 0)      (12, 0)
#   (10, 10)    sharp refuses the file: the frame lies outside of the picture
# The package's own reading of a file that sharp has made, its second frame's patch at (8, 4): x 4, y 2.
# Way out: half of x and y for frames, and twice what is read.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --no-audit --no-fund --loglevel=error node-webpmux@3.2.1 sharp@0.35.5 > /dev/null
cat > run.cjs <<'JS'
const { Image } = require("node-webpmux");
const sharp = require("sharp");
const flat = (size, value) => sharp(Buffer.alloc(size * size * 3, value), { raw: { width: size, height: size, channels: 3 } }).webp({ lossless: true }).toBuffer();
const animation = async (x, y) => {
  const frames = [await Image.generateFrame({ buffer: await flat(16, 200), delay: 100 }), await Image.generateFrame({ buffer: await flat(2, 0), delay: 100, x, y })];
  return Image.save(null, { frames, width: 16, height: 16 });
};
const patch = async (file) => {
  const { data, info } = await sharp(file, { page: 1 }).raw().toBuffer({ resolveWithObject: true });
  const first = Array.from({ length: 256 }, (_, i) => data[i * info.channels]).findIndex((value) => value < 100);
  return [first % 16, Math.floor(first / 16)].join();
};
(async () => {
  const seen = {};
  for (const [x, y] of [[2, 2], [3, 5], [6, 0], [10, 10]]) seen[[x, y].join()] = await animation(x, y).then(patch).catch(() => "refused");
  // sharp writes the part that changes.
  const frame = (isChanged) => Buffer.from(Array.from({ length: 256 }, (_, i) => (isChanged && i % 16 >= 8 && i % 16 < 10 && i >= 64 && i < 96 ? 0 : 200)).flatMap((v) => [v, v, v]));
  const made = await sharp(Buffer.concat([frame(false), frame(true)]), { raw: { width: 16, height: 32, channels: 3, pageHeight: 16 } }).webp({ lossless: true, delay: [100, 100] }).toBuffer();
  const image = new Image();
  await image.load(made);
  seen["sharp's own"] = [await patch(made), `${image.frames[1].x},${image.frames[1].y}`];
  console.log("node-webpmux", require("./node_modules/node-webpmux/package.json").version, seen);
  const expected = { "2,2": "4,4", "3,5": "6,10", "6,0": "12,0", "10,10": "refused", "sharp's own": ["8,4", "4,2"] };
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
})();
JS
node run.cjs
