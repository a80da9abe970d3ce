#!/usr/bin/env bash
# @pdf-lib/upng, the PNG reader of pdf-lib, undoes the filter "average" of interlaced files wrongly, and fails on some of their sizes.
#
# npm @pdf-lib/upng 1.0.1, beside sharp 0.35.5, Node 24. Each pass of an interlaced file is a small picture, whose first row has nothing above, which counts as 0. Encoders
# choose filters row by row, so that one picture has all five. A guess: filters do not depend on interlacing.
# Seen, grey of 8 bits, 9 x 7 pixels, each row with one filter:
#   plain, none and average:   right
#   interlaced, none:          right
#   interlaced, average:       other values in more than half of the pixels, without an error
# and 17 x 5, interlaced, none: RangeError, "offset is out of bounds"; plain it is right. sharp reads all.
# Way out: a picture that is not interlaced, or other readers' pixels.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --no-audit --no-fund --loglevel=error @pdf-lib/upng@1.0.1 sharp@0.35.5 > /dev/null
cat > run.cjs <<'JS'
const sharp = require("sharp");
const loaded = require("@pdf-lib/upng");
const UPNG = loaded.default ?? loaded;
const zlib = require("node:zlib");
// A grey PNG file by hand, from rows of values of `bits` bits: chunks, the seven passes of interlaced files, rows with a filter.
const chunk = (name, data) => {
  const body = Buffer.concat([Buffer.from(name), data]);
  const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  size.writeUInt32BE(data.length);
  sum.writeUInt32BE(zlib.crc32(body));
  return Buffer.concat([size, body, sum]);
};
const passes = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];
const png = (rows, bits, isInterlaced, filter = 0) => {
  const [width, height] = [rows[0].length, rows.length];
  const pass = ([left, top, across, down]) => {
    let above;
    return Buffer.concat(rows.filter((_, y) => y >= top && (y - top) % down === 0).map((row) => {
      const values = row.filter((_, x) => x >= left && (x - left) % across === 0);
      if (values.length === 0) return Buffer.alloc(0);
      const bytes = Buffer.alloc(Math.ceil((values.length * bits) / 8));
      values.forEach((value, i) => { bytes[(i * bits) >> 3] |= value << (8 - bits - ((i * bits) & 7)); });
      const last = above ?? Buffer.alloc(bytes.length);
      above = bytes;
      return Buffer.from([filter, ...bytes.map((byte, i) => (filter === 3 ? byte - (((bytes[i - 1] ?? 0) + last[i]) >> 1) : byte))]);
    }));
  };
  const frame = Buffer.from([0, 0, width >> 8, width, 0, 0, height >> 8, height, bits, 0, 0, 0, isInterlaced ? 1 : 0]);
  const data = Buffer.concat((isInterlaced ? passes : [[0, 0, 1, 1]]).map(pass));
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk("IHDR", frame), chunk("IDAT", zlib.deflateSync(data)), chunk("IEND", Buffer.alloc(0))]);
};
const rows = (width, height, bits) => Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => (x * x + 3 * x + 5 * y) % 2 ** bits));
/** What another reader sees, by levels of the file. */
const control = async (file, bits) => Array.from(await sharp(file).toColourspace("b-w").raw().toBuffer(), (n) => Math.round((n * (2 ** bits - 1)) / 255));
(async () => {
  const seen = {};
  for (const [width, height] of [[9, 7], [17, 5]]) for (const isInterlaced of [false, true]) for (const filter of [0, 3]) {
    const wanted = rows(width, height, 8).flat();
    const file = png(rows(width, height, 8), 8, isInterlaced, filter);
    if ((await control(file, 8)).join() !== wanted.join()) throw new Error("the file is wrong");
    let told;
    try {
      const rgba = new Uint8Array(UPNG.toRGBA8(UPNG.decode(new Uint8Array(file).buffer))[0]);
      told = wanted.filter((value, i) => rgba[4 * i] !== value).length;
    } catch (error) {
      told = `${error.name}: ${error.message}`;
    }
    seen[`${width} x ${height}, ${isInterlaced ? "interlaced" : "plain"}, ${filter === 0 ? "none" : "average"}`] = told;
  }
  console.log("@pdf-lib/upng", require("@pdf-lib/upng/package.json").version, "wrong pixels:", seen);
  const { "9 x 7, interlaced, average": wrong, "17 x 5, interlaced, none": refused, "17 x 5, interlaced, average": both, ...others } = seen;
  if (!(wrong > 31 && refused === "RangeError: offset is out of bounds" && both > 42 && Object.values(others).every((n) => n === 0))) throw new Error("this has changed");
})();
JS
node run.cjs
