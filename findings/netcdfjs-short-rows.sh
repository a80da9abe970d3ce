#!/usr/bin/env bash
# netcdfjs reads the gaps of a NetCDF file as data: three numbers of 16 bits are four, -1 in 8 bits is 255, and a file with one column of records cannot be read at all.
#
# npm netcdfjs 4.0.0, Node 24. NetCDF 3 fills each variable, and within a record each column, with zeros up to a multiple of 4 bytes; where there is one column of records of 8 or 16 bits alone, its records
# follow each other without a gap. Numbers of 8 bits are signed (NetCDF classic format specification). A guess: as many numbers come as the dimension says. But the length is taken from the size with
# its filling, the size for the step to the next record too, and bytes are handed over as they are, each in an array of its own. Seen, files by hand, as written / read:
#   3 of 8 bits                           1 -1 100              / [1] [255] [100] [0]
#   3 of 16 bits                          10 -20 30             / 10 -20 30 0
#   3 doubles                             1 2 3                 / 1 2 3
#   records with one column of 16 bits    10 20 30 40 50        / error, "Offset is outside the bounds of the DataView"
#   records with two, of 16 bits and doubles, the first         10 -20 30 / [10 0] [-20 0] [30 0]
# A mean over the numbers is drawn to 0, and two columns of one length have different ones.
# scipy.io.netcdf_file reads all of them.
# Way out: cut to the product of the dimensions' sizes, and a signed byte of each (Int8Array).
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error netcdfjs@4.0.0 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { NetCDFReader } from "netcdfjs";

const types = { byte: { id: 1, size: 1, write: "writeInt8" }, short: { id: 3, size: 2, write: "writeInt16BE" }, double: { id: 6, size: 8, write: "writeDoubleBE" } };
const words = (...values) => {
  const buffer = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => buffer.writeUInt32BE(value, 4 * i));
  return buffer;
};
const filled = (buffer) => Buffer.concat([buffer, Buffer.alloc((4 - (buffer.length % 4)) % 4)]);
const name = (text) => Buffer.concat([words(text.length), filled(Buffer.from(text))]);
const encode = ({ type, values }) => {
  const { size, write } = types[type];
  const buffer = Buffer.alloc(size * values.length);
  values.forEach((value, i) => buffer[write](value, size * i));
  return buffer;
};
/** A file of version 1 with one dimension, of a fixed length or the records' own (0). */
const file = (length, records, columns) => {
  const header = (offsets) => Buffer.concat([
    Buffer.from("CDF\u0001", "latin1"), words(records), words(10, 1), name("x"), words(length), words(0, 0), words(11, columns.length),
    ...columns.flatMap((column, i) => [name(column.name), words(1, 0), words(0, 0), words(types[column.type].id, sizeOf(column), offsets[i])]),
  ]);
  const sizeOf = (column) => Math.ceil(((length || 1) * types[column.type].size) / 4) * 4;
  let next = header(columns.map(() => 0)).length;
  const offsets = columns.map((column) => {
    const offset = next;
    next += sizeOf(column);
    return offset;
  });
  const rows = length > 0 ? [columns] : Array.from({ length: records }, (_, row) => columns.map((column) => ({ ...column, values: [column.values[row]] })));
  const fill = length === 0 && columns.length === 1 ? (buffer) => buffer : filled;
  return Buffer.concat([header(offsets), ...rows.flatMap((row) => row.map((column) => fill(encode(column))))]);
};
const read = (bytes, column) => {
  const reader = new NetCDFReader(bytes);
  try {
    return JSON.stringify(reader.getDataVariable(column));
  } catch (error) {
    return error.message;
  }
};
const short = { name: "a", type: "short", values: [10, -20, 30] };
const double = { name: "b", type: "double", values: [1, 2, 3] };
const seen = {
  byte: read(file(3, 0, [{ name: "a", type: "byte", values: [1, -1, 100] }, double]), "a"),
  short: read(file(3, 0, [short, double]), "a"),
  double: read(file(3, 0, [short, double]), "b"),
  "one column": read(file(0, 5, [{ name: "a", type: "short", values: [10, 20, 30, 40, 50] }]), "a"),
  "two columns": read(file(0, 3, [short, double]), "a"),
};
console.log("netcdfjs", JSON.parse(readFileSync("node_modules/netcdfjs/package.json", "utf8")).version, seen);
const expected = {
  byte: "[[1],[255],[100],[0]]", short: "[10,-20,30,0]", double: "[1,2,3]", "one column": "Offset is outside the bounds of the DataView", "two columns": "[[10,0],[-20,0],[30,0]]",
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
