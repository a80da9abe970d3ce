#!/usr/bin/env bash
# sharp 0.35.5 (libvips 8.18.7), Node 20: TIFF files in L*a*b* of 8 bits, the form in which image editors write it.
#
# TIFF 6.0, section 23 (CIELab, PhotometricInterpretation 8) is valid with three samples of 8 bits. A guess: it is read, as Lab of 16 bits is.
# Seen: even metadata() fails, and calls the file corrupt; the same pixels as ICCLab (9) open, but have no way to sRGB.
#   8 bits, CIELab (8):  Input buffer has corrupt header: image: bad labq format
#   8 bits, ICCLab (9):  vips_colourspace: no known route from 'multiband' to 'srgb'
#   16 bits, CIELab (8): 119,119,119 (grey of L* = 50)
# Way out: say 2 (RGB) in the bytes, decode, and convert by oneself before anything is scaled (a* and b* are signed bytes).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error sharp@0.35.5 >/dev/null
cat >check.cjs <<'JS'
const sharp = require("sharp");
// 8 x 8 pixels of L* = 50, a* = b* = 0, uncompressed, little-endian.
function tiff(bits, photometric) {
  const side = 8;
  const pixel = bits === 16 ? [32768, 0, 0] : [128, photometric === 9 ? 128 : 0, photometric === 9 ? 128 : 0];
  const samples = Buffer.alloc((side * side * 3 * bits) / 8);
  for (let i = 0; i < side * side * 3; i++) bits === 16 ? samples.writeUInt16LE(pixel[i % 3], i * 2) : samples.writeUInt8(pixel[i % 3], i);
  const count = 9, bitsAt = 10 + count * 12 + 4, samplesAt = bitsAt + 6;
  const fields = [[256, 3, side], [257, 3, side], [258, 3, bitsAt], [259, 3, 1], [262, 3, photometric], [273, 4, samplesAt], [277, 3, 3], [278, 3, side], [279, 4, samples.length]];
  const head = Buffer.alloc(samplesAt);
  head.writeUInt32BE(0x49492a00, 0);
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(count, 8);
  fields.forEach(([tag, type, value], i) => {
    head.writeUInt16LE(tag, 10 + i * 12);
    head.writeUInt16LE(type, 12 + i * 12);
    head.writeUInt32LE(tag === 258 ? 3 : 1, 14 + i * 12);
    head.writeUInt32LE(value, 18 + i * 12);
  });
  for (let i = 0; i < 3; i++) head.writeUInt16LE(bits, bitsAt + 2 * i);
  return Buffer.concat([head, samples]);
}
const read = async (bits, photometric) =>
  sharp(tiff(bits, photometric)).toColourspace("srgb").raw().toBuffer().then((data) => [...data.subarray(0, 3)].join(), (error) => error.message.trim().split("\n")[0]);
(async () => {
  const seen = [await read(8, 8), await read(8, 9), await read(16, 8)];
  console.log(seen.join("\n"));
  const asBefore = /corrupt header.*labq/.test(seen[0]) && /no known route from 'multiband'/.test(seen[1]) && seen[2] === "119,119,119";
  if (!asBefore) console.log("this has changed");
  process.exit(asBefore ? 0 : 1);
})();
JS
node check.cjs
