#!/usr/bin/env bash
# jpeg-js, and Jimp with it, takes JPEG files that hold red, green and blue for YCbCr: brick red becomes green, without an error.
#
# npm jpeg-js 0.4.4, jimp 1.6.1, beside sharp 0.35.5; the files are written by @jsquash/jpeg 1.6.0 (MozJPEG); Node 24. Three components of a JPEG file are mostly YCbCr; a file that
# holds RGB as it is says so in Adobe's marker, by the transform 0 (1 is YCbCr). MozJPEG, libjpeg and Pillow write it where RGB is asked for, to keep sharp edges
# of colour. A guess: the marker is obeyed, as its 1 is. Seen: where it says 0 it counts as missing, and what is missing as YCbCr.
# Seen, a picture of 200 60 30 alone:
#   YCbCr:  sharp, jpeg-js and Jimp within 2 of it
#   RGB:    sharp 200 60 30; jpeg-js and Jimp 62 255 79; jpeg-js with colorTransform: false 200 60 30
# colorTransform: false alone makes the usual files wrong, so the marker has to be looked for before: bytes ff ee, "Adobe", and 0 as the last of its 12.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --no-audit --no-fund --loglevel=error jpeg-js@0.4.4 jimp@1.6.1 sharp@0.35.5 @jsquash/jpeg@1.6.0 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import encode, { init } from "@jsquash/jpeg/encode.js";
import { Jimp } from "jimp";
import jpeg from "jpeg-js";
import sharp from "sharp";

await init(await WebAssembly.compile(readFileSync("node_modules/@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm")));
const colour = [200, 60, 30];
const data = Uint8ClampedArray.from({ length: 16 * 16 * 4 }, (_, i) => [...colour, 255][i % 4]);
const first = (pixels) => Array.from(pixels.slice(0, 3));
const look = async (space) => {
  const file = Buffer.from(await encode({ data, width: 16, height: 16 }, { quality: 100, color_space: space, progressive: false }));
  const marker = file.indexOf("Adobe");
  return {
    transform: marker < 0 ? "none" : file[marker + 11],
    sharp: first(await sharp(file).raw().toBuffer()),
    "jpeg-js": first(jpeg.decode(file).data),
    told: first(jpeg.decode(file, { colorTransform: false }).data),
    jimp: first((await Jimp.fromBuffer(file)).bitmap.data),
  };
};
const seen = { YCbCr: await look(3), RGB: await look(2) };
console.log("jpeg-js 0.4.4, jimp 1.6.1", JSON.stringify(seen));
const isNear = (pixel) => pixel.every((n, i) => Math.abs(n - colour[i]) <= 2);
const { YCbCr, RGB } = seen;
const isAsSeen = [YCbCr.sharp, YCbCr["jpeg-js"], YCbCr.jimp, RGB.sharp, RGB.told].every(isNear) && !isNear(YCbCr.told) && RGB.transform === 0 && [RGB["jpeg-js"], RGB.jimp].every((pixel) => pixel.join(" ") === "62 255 79");
if (!isAsSeen) throw new Error("this has changed");
JS
node run.mjs
