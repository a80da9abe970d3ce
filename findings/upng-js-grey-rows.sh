#!/usr/bin/env bash
# upng-js runs the rows of grey pictures of 1, 2 or 4 bits into each other where a row does not end at a whole byte.
#
# npm upng-js 2.1.0, beside sharp 0.35.5, Node 24. In a PNG file each row begins at a new byte. A guess: what is right for palettes of few bits, and for grey of 8, is
# right for grey of few bits. Seen: toRGBA8 counts bits through the whole picture there, so that each row begins with what is left over of the one above, and
# the picture leans. No error. Masks and scanned texts are such pictures; test pictures, 8, 16 or 256 wide, are right.
# Seen, 5 x 3 pixels of 4 bits (in levels of the file):
#   file  0 4 10 2 12 / 5 9 15 7 1 / 10 14 4 12 6
#   read  0 4 10 2 12 / 0 5 9 15 7 / 1 0 10 14 4
#   of 1, 2 and 4 bits: 16 x 3 right, 15 x 3 other values; 8 bits: both right
# Way out: UPNG.decode's `data` and one's own loop over rows.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --no-audit --no-fund --loglevel=error upng-js@2.1.0 sharp@0.35.5 > /dev/null
cat > run.cjs <<'JS'
const sharp = require("sharp");
const UPNG = require("upng-js");
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
const read = (file, bits) => {
  const rgba = new Uint8Array(UPNG.toRGBA8(UPNG.decode(new Uint8Array(file).buffer))[0]);
  return Array.from({ length: rgba.length / 4 }, (_, i) => Math.round((rgba[4 * i] * (2 ** bits - 1)) / 255));
};
(async () => {
  const seen = { five: read(png(rows(5, 3, 4), 4), 4).join(" ") };
  for (const width of [16, 15]) for (const bits of [8, 4, 2, 1]) {
    const wanted = rows(width, 3, bits);
    const file = png(wanted, bits);
    if ((await control(file, bits)).join() !== wanted.flat().join()) throw new Error("the file is wrong");
    seen[`${width}, ${bits} bits`] = read(file, bits).join() === wanted.flat().join() ? "right" : "other values";
  }
  console.log("upng-js", require("upng-js/package.json").version, seen, "file", rows(5, 3, 4).flat().join(" "));
  const { five, ...others } = seen;
  const isAsSeen = five === "0 4 10 2 12 0 5 9 15 7 1 0 10 14 4" && Object.entries(others).every(([name, word]) => word === (/^15, [421] /.test(name) ? "other values" : "right"));
  if (!isAsSeen) throw new Error("this has changed");
})();
JS
node run.cjs
