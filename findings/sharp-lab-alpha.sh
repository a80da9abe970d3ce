#!/usr/bin/env bash
# sharp 0.35.5 (libvips 8.18.7), Node 24: TIFF files in L*a*b* of 16 bits with a fourth sample that says how opaque a pixel is.
#
# TIFF 6.0: CIELab (PhotometricInterpretation 8), four samples of 16 bits, ExtraSamples 2 (unassociated alpha, 65535 is opaque). metadata() says that there is an alpha channel.
# A guess: what is opaque comes out in its colour, as without the fourth sample, and flatten() puts what is transparent on the background.
# Seen, L* = 50, a* = b* = 0, opaque, half and not at all:
#   three samples:                       119,119,119
#   four, to sRGB:                       119,119,119 with an alpha of 0, whatever the file says: all is transparent
#   four, flatten on white, then sRGB:   nearly black, also what is opaque
#   RGB of 16 bits with alpha, the same: 128,128,128; 191,191,191; 255,255,255
# No error. Who looks at such a picture on white sees black, and who keeps its transparency keeps nothing.
# Way out: say 2 (RGB) in the bytes, decode with alpha, and convert L*a*b* by oneself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error sharp@0.35.5 >/dev/null
cat >check.cjs <<'JS'
const sharp = require("sharp");
// Three pixels, uncompressed, little-endian; `alphas` absent: three samples each.
function tiff(photometric, colour, alphas) {
  const samples = alphas === undefined ? 3 : 4;
  const pixels = Buffer.alloc(3 * samples * 2);
  for (let i = 0; i < 3; i++) {
    colour.forEach((value, channel) => pixels.writeUInt16LE(value, (i * samples + channel) * 2));
    if (alphas !== undefined) pixels.writeUInt16LE(alphas[i], (i * samples + 3) * 2);
  }
  const count = samples === 4 ? 10 : 9, bitsAt = 10 + count * 12 + 4, pixelsAt = bitsAt + 2 * samples;
  const fields = [[256, 3, 3], [257, 3, 1], [258, 3, bitsAt], [259, 3, 1], [262, 3, photometric], [273, 4, pixelsAt], [277, 3, samples], [278, 3, 1], [279, 4, pixels.length]];
  if (samples === 4) fields.push([338, 3, 2]);
  const head = Buffer.alloc(pixelsAt);
  head.writeUInt32BE(0x49492a00, 0);
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(count, 8);
  fields.forEach(([tag, type, value], i) => {
    head.writeUInt16LE(tag, 10 + i * 12);
    head.writeUInt16LE(type, 12 + i * 12);
    head.writeUInt32LE(tag === 258 ? samples : 1, 14 + i * 12);
    head.writeUInt32LE(value, 18 + i * 12);
  });
  for (let i = 0; i < samples; i++) head.writeUInt16LE(16, bitsAt + 2 * i);
  return Buffer.concat([head, pixels]);
}
const alphas = [65535, 32896, 0];
const [lab, rgb] = [[32768, 0, 0], [32768, 32768, 32768]];
const numbers = async (picture) => [...(await picture.toColourspace("srgb").raw().toBuffer())];
const onWhite = (file) => numbers(sharp(file).flatten({ background: "#ffffff" }));
(async () => {
  const { hasAlpha } = await sharp(tiff(8, lab, alphas)).metadata();
  const opaque = await numbers(sharp(tiff(8, lab)));
  const kept = await numbers(sharp(tiff(8, lab, alphas)).ensureAlpha());
  const flat = await onWhite(tiff(8, lab, alphas));
  const grey = await onWhite(tiff(2, rgb, alphas));
  console.log("Lab, three samples:   ", opaque.slice(0, 3).join());
  console.log("Lab, four:            ", kept.join(), "has alpha:", hasAlpha);
  console.log("Lab, four, on white:  ", flat.join());
  console.log("RGB, four, on white:  ", grey.join());
  const asBefore =
    hasAlpha &&
    opaque.slice(0, 3).join() === "119,119,119" &&
    [0, 1, 2].every((i) => kept.slice(4 * i, 4 * i + 4).join() === "119,119,119,0") &&
    flat.every((value) => value < 60) &&
    grey.join() === "128,128,128,191,191,191,255,255,255";
  if (!asBefore) console.log("this has changed");
  process.exit(asBefore ? 0 : 1);
})();
JS
node check.cjs
