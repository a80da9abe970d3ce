#!/usr/bin/env bash
# utif2 makes nothing of grey TIFF files of 4 bits whose black is 0, nor of those of 2 bits whose white is 0: an empty picture, without an error.
#
# npm utif2 4.1.0, files by sharp 0.35.5 (which reads them back), Node 24. Grey TIFF files say whether 0 is black or white (PhotometricInterpretation), and have 4 or 8
# bits, those of some writers 1 or 2. A guess: what is read in one of the two is read in the other, or there is an error. Seen: the table
# of toRGBA8 has 1, 4, 8 and 16 bits for white, and 1, 2, 8, 16 and 32 for black; what is missing stays as it was made, black and transparent.
# So a scan of 16 levels is empty, and who looks at its colours alone sees night.
# Seen, first four values in the levels of the file, and opacity (0 to 255):
#   1 bit:   black is 0: 0 1 0 1, 255     white is 0: 0 1 0 1, 255
#   2 bits:  black is 0: 0 1 2 3, 255     white is 0: 0 0 0 0, 0
#   4 bits:  black is 0: 0 0 0 0, 0       white is 0: 0 1 2 3, 255
# Way out: the bytes that UTIF.decodeImage leaves in `data`, which are right.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --no-audit --no-fund --loglevel=error utif2@4.1.0 sharp@0.35.5 > /dev/null
cat > run.cjs <<'JS'
const sharp = require("sharp");
const UTIF = require("utif2");
const look = async (bitdepth, miniswhite) => {
  const most = 2 ** bitdepth - 1;
  const levels = (values) => Array.from(values, (n) => Math.round((n * most) / 255));
  const written = Buffer.from(Array.from({ length: 64 }, (_, i) => ((i % (most + 1)) * 255) / most));
  const file = await sharp(written, { raw: { width: 16, height: 4, channels: 1 } }).toColourspace("b-w").tiff({ compression: "none", predictor: "none", bitdepth, miniswhite }).toBuffer();
  const control = await sharp(file).toColourspace("b-w").raw().toBuffer();
  if (levels(control).join() !== levels(written).join()) throw new Error("the file is wrong");
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
  const [page] = UTIF.decode(bytes);
  UTIF.decodeImage(bytes, page);
  const rgba = UTIF.toRGBA8(page);
  const codes = [0, 1, 2, 3].map((i) => { const bit = i * bitdepth; return (page.data[bit >> 3] >> (8 - bitdepth - (bit & 7))) & most; });
  const stored = levels(written).slice(0, 4).map((n) => (miniswhite ? most - n : n));
  if (codes.join() !== stored.join()) throw new Error("the bytes are wrong");
  return `${levels([0, 4, 8, 12].map((i) => rgba[i])).join(" ")}, ${rgba[3]}`;
};
(async () => {
  const seen = {};
  for (const bits of [1, 2, 4]) seen[bits] = [await look(bits, false), await look(bits, true)];
  console.log("utif2", require("utif2/package.json").version, "black is 0, white is 0:", seen);
  const none = "0 0 0 0, 0";
  const expected = { 1: ["0 1 0 1, 255", "0 1 0 1, 255"], 2: ["0 1 2 3, 255", none], 4: [none, "0 1 2 3, 255"] };
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
})();
JS
node run.cjs
