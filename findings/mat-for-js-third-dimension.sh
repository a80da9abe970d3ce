#!/usr/bin/env bash
# mat-for-js takes the wrong numbers from MATLAB arrays of three dimensions: of a stack of pictures the second is the first, moved by a few columns, and the last numbers are never read.
#
# npm mat-for-js 1.1.0, Node 24. A MAT file has an array's numbers column by column, all of the first picture of a stack before the second. So in rows x columns x pictures the next column is `rows` further, and the
# next picture rows * columns. A guess: arrays of three dimensions are read so, as the package makes nested lists of any depth. The step of each dimension is the size of the one before it
# alone, so that the next picture begins `columns` further. Matrices are right, and so is a stack with one row. No error. Seen, the numbers 0 1 2 ... in the order of the file, the second picture:
#   2 x 3 x 2:      3 5 7 / 4 6 8            right: 6 8 10 / 7 9 11
#   3 x 2 x 2:      2 5 / 3 6 / 4 7          right: 6 9 / 7 10 / 8 11
#   1 x 3 x 2:      3 4 5                    right
#   2 x 2 x 2 x 2, the largest number:       7 of 15
# scipy.io.loadmat has the right ones.
# Way out: a file with a matrix of one column for each picture (reshape(a, [], n) in MATLAB), and one's own rows and columns.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error mat-for-js@1.1.0 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { read } = await import("mat-for-js").catch(() => createRequire(import.meta.url)("mat-for-js"));
const element = (type, bytes) => {
  const buffer = Buffer.alloc(8 + Math.ceil(bytes.length / 8) * 8);
  buffer.writeInt32LE(type, 0);
  buffer.writeInt32LE(bytes.length, 4);
  Buffer.from(bytes).copy(buffer, 8);
  return buffer;
};
const bytes = (array) => new Uint8Array(array.buffer);
/** A MAT file, version 5, with one array of doubles: 0, 1, 2 ... */
const file = (sizes) => {
  const count = sizes.reduce((a, b) => a * b);
  const parts = [element(6, bytes(Int32Array.of(6, 0))), element(5, bytes(Int32Array.from(sizes))), element(1, Buffer.from("pictures")), element(9, bytes(Float64Array.from({ length: count }, (_, i) => i)))];
  const header = Buffer.alloc(128, 32);
  header.write("MATLAB 5.0 MAT-file");
  header.writeInt16LE(0x01_00, 124);
  header.writeInt16LE(0x4d_49, 126);
  const whole = Buffer.concat([header, element(14, Buffer.concat(parts))]);
  return whole.buffer.slice(whole.byteOffset, whole.byteOffset + whole.length);
};
const second = (value) => (Array.isArray(value[0]) ? value.map(second) : value[1]);
const seen = {};
for (const sizes of [[2, 3, 2], [3, 2, 2], [1, 3, 2]]) {
  const [rows, columns] = sizes;
  const right = Array.from({ length: rows }, (_, r) => Array.from({ length: columns }, (__, c) => r + rows * c + rows * columns));
  seen[sizes.join(" x ")] = [second(read(file(sizes)).data.pictures), right].map((picture) => picture.map((row) => row.join(" ")).join(" / "));
}
seen["2 x 3"] = read(file([2, 3])).data.pictures.map((row) => row.join(" ")).join(" / ");
seen["2 x 2 x 2 x 2"] = Math.max(...read(file([2, 2, 2, 2])).data.pictures.flat(4));
console.log("mat-for-js", JSON.parse(readFileSync("node_modules/mat-for-js/package.json", "utf8")).version, seen);
const expected = {
  "2 x 3 x 2": ["3 5 7 / 4 6 8", "6 8 10 / 7 9 11"], "3 x 2 x 2": ["2 5 / 3 6 / 4 7", "6 9 / 7 10 / 8 11"], "1 x 3 x 2": ["3 4 5", "3 4 5"], "2 x 3": "0 2 4 / 1 3 5", "2 x 2 x 2 x 2": 7,
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
