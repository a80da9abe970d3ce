#!/usr/bin/env bash
# fast-png's decodeApng puts most frames of an animation on nothing instead of on the frame before, shows a picture that does not belong to the animation, and loses the last frame for it.
#
# npm fast-png 8.0.0, beside upng-js 2.1.0, Node 24. A frame of an animated PNG covers a part of the picture, and says what happens with that part after its time (dispose_op: 0 leave it,
# 1 clear it, 2 put back what was there), and whether it replaces or covers what is below (blend_op). Where no frame is announced before IDAT, that picture is only for readers without
# animation. Encoders write differences alone. A guess: as decodeApng composes (it reads both fields), its frames are what a browser shows. But a frame's dispose_op is taken for what
# comes before it: with 0 or 1 it starts from an empty picture, with 2 from the frame before. Seen, 3 x 1 pixels (R G B w colours, "." transparent), as should be / fast-png:
#   RGB, then w at 1, 0:                     RGB RwB        / RGB .w.
#   RGB, then r.w blended over, 0:           RGB RGw        / RGB r.w          (r: a translucent red)
#   RGB, w at 1 with 1, R at 2:              RGB RwB R.R    / RGB .w. ..R
#   RGB, ww at 1 with 2, R at 0:             RGB Rww RGB    / RGB Rww R..
#   www for others, then RGB, w at 1:        RGB RwB        / www RGB
#   without alpha, RGB, then w at 1:         RGB RwB        / RGB, black white black
# Way out: UPNG.toRGBA8, or apng-js, which hands over the parts.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error fast-png@8.0.0 upng-js@2.1.0 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { crc32, deflateSync } from "node:zlib";
import { decodeApng } from "fast-png";
import UPNG from "upng-js";

const colours = { R: [255, 0, 0, 255], G: [0, 255, 0, 255], B: [0, 0, 255, 255], w: [255, 255, 255, 255], k: [0, 0, 0, 255], r: [255, 0, 0, 128], ".": [0, 0, 0, 0] };
const long = (n) => [n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255];
const chunk = (name, data) => {
  const body = Buffer.from([...Buffer.from(name), ...data]);
  return Buffer.from([...long(data.length), ...body, ...long(crc32(body))]);
};
const pixels = (letters, channels) => deflateSync(Buffer.from([0, ...[...letters].flatMap((letter) => colours[letter].slice(0, channels))]));
/** An animated PNG of one row. Each frame: letters, and where it differs from 0: x, dispose, blend. `still` is the picture that does not belong to the animation. */
const animation = (frames, { still, channels = 4 } = {}) => {
  let number = 0;
  const chunks = [Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk("IHDR", [...long(3), ...long(1), 8, channels === 4 ? 6 : 2, 0, 0, 0]), chunk("acTL", [...long(frames.length), ...long(0)])];
  if (still) chunks.push(chunk("IDAT", pixels(still, channels)));
  frames.forEach(({ letters, x = 0, dispose = 0, blend = 0 }, i) => {
    chunks.push(chunk("fcTL", [...long(number++), ...long(letters.length), ...long(1), ...long(x), ...long(0), 0, 1, 0, 10, dispose, blend]));
    chunks.push(i === 0 && !still ? chunk("IDAT", pixels(letters, channels)) : chunk("fdAT", [...long(number++), ...pixels(letters, channels)]));
  });
  return Buffer.concat([...chunks, chunk("IEND", [])]);
};
const letters = (data, channels) => Array.from({ length: 3 }, (_, i) => {
  const pixel = [...data.slice(channels * i, channels * i + channels), 255].slice(0, 4);
  return Object.keys(colours).find((name) => colours[name].join() === pixel.join()) ?? "?";
}).join("");
const cases = {
  "left": [animation([{ letters: "RGB" }, { letters: "w", x: 1 }]), "RGB RwB", "RGB .w."],
  "blended": [animation([{ letters: "RGB" }, { letters: "r.w", blend: 1 }]), "RGB RGw", "RGB r.w"],
  "cleared": [animation([{ letters: "RGB" }, { letters: "w", x: 1, dispose: 1 }, { letters: "R", x: 2 }]), "RGB RwB R.R", "RGB .w. ..R"],
  "put back": [animation([{ letters: "RGB" }, { letters: "ww", x: 1, dispose: 2 }, { letters: "R" }]), "RGB Rww RGB", "RGB Rww R.."],
  "a still picture": [animation([{ letters: "RGB" }, { letters: "w", x: 1 }], { still: "www" }), "RGB RwB", "www RGB"],
  "without alpha": [animation([{ letters: "RGB" }, { letters: "w", x: 1 }], { channels: 3 }), "RGB RwB", "RGB kwk"],
};
let hasChanged = false;
for (const [name, [file, wanted, expected]] of Object.entries(cases)) {
  const control = UPNG.toRGBA8(UPNG.decode(new Uint8Array(file).buffer)).map((frame) => letters(new Uint8Array(frame), 4)).join(" ");
  if (control !== wanted) throw new Error(`the file is wrong: ${name}, ${control}`);
  const { frames, channels } = decodeApng(file);
  const seen = frames.map(({ data }) => letters(data, channels)).join(" ");
  console.log(`${name}: should be ${wanted}, seen ${seen}`);
  hasChanged ||= seen !== expected;
}
console.log("fast-png", JSON.parse(readFileSync("node_modules/fast-png/package.json", "utf8")).version);
if (hasChanged) throw new Error("this has changed");
JS
node run.mjs
