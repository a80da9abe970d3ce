#!/usr/bin/env bash
# TGA files of 16 bits have no blue in tga-js: white is yellow, blue is black. Opaque ones are translucent or invisible in four readers, and a palette that begins at 5 is read from 0.
#
# npm tga-js 1.1.1, tga 1.0.7, @lunapaint/tga-codec 0.2.0, three 0.187.0 (TGALoader), Node 24; files by hand, Debian 12's ffmpeg 5.1 as control. A TGA file may have five bits for each colour
# (red in bits 10 to 14, green 5 to 9, blue 0 to 4), with bit 15 as alpha where the header says so (1: opaque), and a palette that says at which index its first colour stands, so that values
# count from there. A guess: five bits become 0 to 248 or 255 in all three, and set bits of alpha are 255. tga-js shifts blue right by three bits instead of left. Seen, R G B and white:
#   16 bits                 tga-js: R G 0,0,3 248,248,3                   the other four: R G B w
#   16 bits, alpha 1        three, tga-js, tga-codec: alpha 0             tga: alpha 128
#   palette from 5 on       tga-js, tga: all black     tga-codec: RangeError     three, ffmpeg: R G B w
# Textures of older games and screen shots of small boards are of 16 bits.
# Way out: ffmpeg (which leaves that one bit of alpha out), or files of 24 and 32 bits.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
command -v ffmpeg > /dev/null || apt-get install -y ffmpeg > /dev/null
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error tga-js@1.1.1 tga@1.0.7 @lunapaint/tga-codec@0.2.0 three@0.187.0 > /dev/null
cat > run.mjs <<'JS'
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import * as codec from "@lunapaint/tga-codec";
import { TGALoader } from "three/examples/jsm/loaders/TGALoader.js";
import TGA from "tga";
import tgaJs from "tga-js";

const colours = { R: [255, 0, 0], G: [0, 255, 0], B: [0, 0, 255], w: [255, 255, 255], k: [0, 0, 0] };
const letters = (data) => Array.from({ length: data.length / 4 }, (_, i) => {
  const [red, green, blue, alpha] = data.slice(4 * i, 4 * i + 4);
  // Five bits may become eight in two ways: 31 is 248 or 255.
  const name = Object.keys(colours).find((letter) => colours[letter].every((value, c) => Math.abs(value - [red, green, blue][c]) === 0 || (value === 255 && [red, green, blue][c] === 248)));
  return `${name ?? [red, green, blue].join()}${alpha === 255 ? "" : `'${alpha}`}`;
}).join(" ");
const sixteen = Buffer.from([0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 16, 0x20, ...[..."RGBw"].flatMap((letter) => {
  const [red, green, blue] = colours[letter].map((value) => value >> 3);
  const bits = (red << 10) | (green << 5) | blue;
  return [bits & 255, bits >> 8];
})]);
writeFileSync("sixteen.tga", sixteen);
// The same with one bit of alpha, set in each pixel.
const alpha = Buffer.from(sixteen);
alpha[17] |= 1;
for (let i = 0; i < 4; i++) alpha[18 + 2 * i + 1] |= 0x80;
writeFileSync("alpha.tga", alpha);
// A palette of four colours of 24 bits, whose first stands at index 5.
writeFileSync("palette.tga", Buffer.from([0, 1, 1, 5, 0, 4, 0, 24, 0, 0, 0, 0, 4, 0, 1, 0, 8, 0x20, ...[..."RGBw"].flatMap((letter) => [...colours[letter]].reverse()), 5, 6, 7, 8]));
const readers = {
  ffmpeg: (name) => execFileSync("ffmpeg", ["-v", "error", "-c:v", "targa", "-i", name, "-f", "rawvideo", "-pix_fmt", "rgba", "-"]),
  three: (name) => new TGALoader().parse(new Uint8Array(readFileSync(name)).buffer).data,
  "tga-js": (name) => {
    const reader = new (tgaJs.default ?? tgaJs)();
    reader.load(new Uint8Array(readFileSync(name)));
    return reader.getImageData({ width: 4, height: 1, data: new Uint8ClampedArray(16) }).data;
  },
  tga: (name) => new TGA(readFileSync(name)).pixels,
  "tga-codec": async (name) => (await codec.decodeTga(new Uint8Array(readFileSync(name)))).image.data,
};
const seen = {};
for (const name of ["sixteen", "alpha", "palette"]) for (const [reader, read] of Object.entries(readers)) {
  try {
    seen[`${name}, ${reader}`] = letters(await read(`${name}.tga`));
  } catch (error) {
    seen[`${name}, ${reader}`] = error.name;
  }
}
console.log(seen);
const yellow = "R G 0,0,3 248,248,3";
const hidden = (text) => text.split(" ").map((colour) => `${colour}'0`).join(" ");
const expected = {
  "sixteen, ffmpeg": "R G B w", "sixteen, three": "R G B w", "sixteen, tga-js": yellow, "sixteen, tga": "R G B w", "sixteen, tga-codec": "R G B w",
  "alpha, ffmpeg": "R G B w", "alpha, three": hidden("R G B w"), "alpha, tga-js": hidden(yellow), "alpha, tga": "R'128 G'128 B'128 w'128", "alpha, tga-codec": hidden("R G B w"),
  "palette, ffmpeg": "R G B w", "palette, three": "R G B w", "palette, tga-js": "k k k k", "palette, tga": "k k k k", "palette, tga-codec": "RangeError",
};
for (const [name, value] of Object.entries(expected)) if (seen[name] !== value) throw new Error(`this has changed: ${name}`);
JS
node run.mjs
