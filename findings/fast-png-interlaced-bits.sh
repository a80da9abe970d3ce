#!/usr/bin/env bash
# fast-png reads interlaced files of 8 and 16 bits, and takes those of 1, 2 and 4 bits for files of whole bytes: an error, or other pixels.
#
# npm fast-png 8.0.0, beside sharp 0.35.5, Node 24. PNG's interlaced form has seven passes, each with its own rows, which begin at whole bytes; masks and drawings
# of few levels are often stored in 1, 2 or 4 bits. A guess: both are read, since each is by itself, or the two together are refused in words. Seen:
# the rows of a pass are taken to have one byte for each pixel. Mostly a byte of the picture is then read as the name of a row's
# filter, and the error blames the file; where pass and file are small no byte looks wrong, and the picture is made of what is there.
# Seen, grey, the values 0 4 10 / 5 9 15 of 4 bits, and 9 x 7 pixels:
#   4 bits, plain:                 right both times
#   8 bits, plain and interlaced:  right both times
#   4, 2 and 1 bits, interlaced:   9 x 7: error, "Unsupported filter: ..."; 3 x 2 of 4 bits: no error, other values; sharp reads all
# Way out: another decoder for files whose bytes 24 and 28 are below 8 and 1.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --no-audit --no-fund --loglevel=error fast-png@8.0.0 sharp@0.35.5 > /dev/null
cat > run.cjs <<'JS'
const sharp = require("sharp");
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
const unpack = ({ data, width, height, depth }) => {
  const stride = Math.ceil((width * depth) / 8);
  return Array.from({ length: width * height }, (_, i) => {
    const bit = (i % width) * depth;
    return (data[Math.floor(i / width) * stride + (bit >> 3)] >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  });
};
(async () => {
  const { decode } = await import("fast-png");
  const seen = {};
  for (const [width, height] of [[3, 2], [9, 7]]) for (const bits of [8, 4, 2, 1]) for (const isInterlaced of [false, true]) {
    const wanted = rows(width, height, bits);
    const file = png(wanted, bits, isInterlaced);
    if ((await control(file, bits)).join() !== wanted.flat().join()) throw new Error("the file is wrong");
    let told;
    try {
      told = unpack(decode(file)).join() === wanted.flat().join() ? "right" : "other values";
    } catch (error) {
      told = error.message.replace(/\d+/, "...");
    }
    seen[`${width} x ${height}, ${bits} bits, ${isInterlaced ? "interlaced" : "plain"}`] = told;
  }
  console.log("fast-png 8.0.0", seen);
  const told = (start) => Object.entries(seen).filter(([name]) => start.test(name)).map(([, word]) => word);
  const isAsSeen = told(/plain|8 bits/).every((word) => word === "right") && told(/9 x 7, [421] bits, inter/).every((word) => word === "Unsupported filter: ...") && seen["3 x 2, 4 bits, interlaced"] === "other values";
  if (!isAsSeen) throw new Error("this has changed");
})();
JS
node run.cjs
