#!/usr/bin/env bash
# TensorFlow.js 4.22.0: a CSV column that is declared text comes as numbers: "007" is 7, and codes that differ by their zeros are one.
#
# tf.data.csv takes a type for each column: "int32, float32, bool, or string". A guess: a column of strings holds what stands in the file, and quoted fields are read as CSV has them. What looks
# like a number is made one in a column of strings too, "1e5" and "0x10" included, so that names of files, postcodes and identities change; what does not look like one stays text
# in a column of numbers, without an error. Doubled quotes inside a quoted field stay doubled, and a field of two lines is refused as a row that is too
# short, though both are what spreadsheets write.
# Seen, column declared string: 007 gives 7, 7 gives 7, 1e5 gives 100000, 0x10 gives 16, a7 gives "a7"
#   declared int32: 1.9 gives 1, -1.9 gives -2, x gives "x"    declared float32: x gives "x"    declared bool: yes gives 0
#   "say ""hi""": say ""hi""    a quoted field with a line break: error
# Way out: another reader of CSV, and tf.data.array of its rows.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat > look.js <<'JS'
import { writeFileSync } from "node:fs";
import * as tf from "@tensorflow/tfjs";
async function read(dtype, ...fields) {
  writeFileSync("table.csv", `a,b\n${fields.map((field) => `${field},1\n`).join("")}`);
  const dataset = tf.data.csv(`file://${process.cwd()}/table.csv`, { columnConfigs: dtype === undefined ? undefined : { a: { dtype } } });
  try {
    return JSON.stringify((await dataset.toArray()).map(({ a }) => a));
  } catch (error) {
    return error.message.slice(0, 26);
  }
}
const seen = {
  string: await read("string", "007", "7", "1e5", "0x10", "a7"),
  int32: await read("int32", "1.9", "-1.9", "x"),
  float32: await read("float32", "x"),
  bool: await read("bool", "true", "yes", "0"),
  quotes: await read("string", '"say ""hi"""'),
  lines: await read("string", '"one\ntwo"'),
  comma: await read("string", '"one, two"'),
};
console.log(`TensorFlow.js ${tf.version.tfjs}`, seen);
const expected = { string: '[7,7,100000,16,"a7"]', int32: '[1,-2,"x"]', float32: '["x"]', bool: "[1,0,0]", quotes: JSON.stringify(['say ""hi""']), lines: "Invalid row in csv file. S", comma: '["one, two"]' };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node look.js 2> errors || { cat errors; exit 1; }
