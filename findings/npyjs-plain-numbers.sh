#!/usr/bin/env bash
# npyjs writes plain numbers as float32 as soon as one has a fraction: times come back a minute off, small probabilities as 0; rows of a table become zeros, two words sixteen.
#
# npm npyjs 1.2.0, Node 24. `dump` makes a NumPy file of an array; of plain numbers, which are doubles, it chooses the type by itself. A guess: whole numbers get whole types, all others
# float64, as NumPy does with a list of floats. Seen: float32 wherever nothing exceeds its largest number; digits that it lacks, and how small numbers are, are not looked at. Of nested lists the
# type is that of the first row, and each row then becomes one number, which it is not, so 0 (or NaN as float); the shape is that of the outer list. Whole numbers from 2^32 on, or below -2^31, fail. A list
# of strings is counted in bytes: the header announces 16 strings for 2, and NumPy misses the rest of the file.
# Seen, written and read back (type, shape: values):
#   1764547200.25 (seconds, 2025-12-01)   f4 1: 1764547200, of 1764547230.25: 1764547200 too
#   16777217, 0.5                         f4 2: 16777216 0.5
#   1e-50, 0.5                            f4 2: 0 0.5
#   [1, 2], [3, 4]                        u1 2: 0 0;  [0.5, 2], [3, 4]: f4 2: NaN NaN
#   5000000000                            TypeError, Cannot convert 5000000000 to a BigInt
#   "a", "bb"                             U2 16: a bb
# Way out: dump(Float64Array.from(list.flat()), shape).
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts npyjs@1.2.0
cat > look.js <<'JS'
import { readFileSync } from "node:fs";
import { dump, parse } from "npyjs";
const seen = {};
for (const list of [[1764547200.25, 1764547230.25], [16777217, 0.5], [1e-50, 0.5], [[1, 2], [3, 4]], [[0.5, 2], [3, 4]], [5000000000], ["a", "bb"], [1, 300], [1, -1]]) {
  try {
    const { data, shape, dtype } = parse(dump(list));
    seen[JSON.stringify(list)] = `${dtype} ${shape}: ${Array.from(data).join(" ")}`;
  } catch (error) {
    seen[JSON.stringify(list)] = `${error.name}, ${error.message}`;
  }
}
const { data } = parse(dump(Float64Array.of(1764547200.25, 1e-50)));
seen.doubles = Array.from(data).join(" ");
console.log(`npyjs ${JSON.parse(readFileSync("node_modules/npyjs/package.json", "utf8")).version}`, seen);
const expected = {
  "[1764547200.25,1764547230.25]": "f4 2: 1764547200 1764547200",
  "[16777217,0.5]": "f4 2: 16777216 0.5",
  "[1e-50,0.5]": "f4 2: 0 0.5",
  "[[1,2],[3,4]]": "u1 2: 0 0",
  "[[0.5,2],[3,4]]": "f4 2: NaN NaN",
  "[5000000000]": "TypeError, Cannot convert 5000000000 to a BigInt",
  '["a","bb"]': "U2 16: a bb",
  "[1,300]": "u2 2: 1 300",
  "[1,-1]": "i1 2: 1 -1",
  doubles: "1764547200.25 1e-50",
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node look.js
