#!/usr/bin/env bash
# h5wasm writes whole numbers from 2^31 on as other numbers: 3,000,000,000 becomes -1,294,967,296, and a time in milliseconds some day of 1970 or before it.
#
# npm h5wasm 0.10.3, Node 24. create_dataset and create_attribute guess a type from plain numbers: double if one of them has a fraction, else a signed integer of 32 bits. A guess: 64 bits or
# double where 32 do not hold them, as h5py takes int64, or an error as with values whose type it cannot guess. Nothing looks at the size; the upper bits are cut off. Seen, written and read back:
#   3000000000                      -1294967296
#   1767225600000 (2026-01-01)      1994041344        (as milliseconds 1970-01-24)
#   9007199254740991                -1
#   -2147483649                     2147483647
#   1767225600000 and 0.5           both right
# So one fraction in a column decides whether the others are right. Attributes likewise.
# Way out: typed arrays (Float64Array, BigInt64Array), or dtype "<d".
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error h5wasm@0.10.3 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import h5wasm from "h5wasm/node";

await h5wasm.ready;
const values = [3_000_000_000, 1_767_225_600_000, Number.MAX_SAFE_INTEGER, -(2 ** 31) - 1];
const writer = new h5wasm.File("numbers.h5", "w");
values.forEach((value, i) => {
  writer.create_dataset({ name: `plain${i}`, data: [value] });
  writer.create_attribute(`plain${i}`, value);
  writer.create_dataset({ name: `typed${i}`, data: new Float64Array([value]) });
});
writer.create_dataset({ name: "mixed", data: [values[1], 0.5] });
writer.close();
const reader = new h5wasm.File("numbers.h5", "r");
const seen = {
  dataset: values.map((_, i) => reader.get(`plain${i}`).value[0]),
  attribute: values.map((_, i) => Number(reader.attrs[`plain${i}`].value)),
  typed: values.map((_, i) => reader.get(`typed${i}`).value[0]),
  mixed: Array.from(reader.get("mixed").value),
};
reader.close();
console.log("h5wasm", JSON.parse(readFileSync("node_modules/h5wasm/package.json", "utf8")).version, "written", values, "read", seen);
const wrapped = [-1_294_967_296, 1_994_041_344, -1, 2_147_483_647];
const expected = { dataset: wrapped, attribute: wrapped, typed: values, mixed: [values[1], 0.5] };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
