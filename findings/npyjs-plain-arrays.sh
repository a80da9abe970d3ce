#!/usr/bin/env bash
# npyjs writes plain numbers in half the digits as soon as one has a fraction: a time in milliseconds is off by 43 seconds; rows of rows become zeros.
#
# npm npyjs 1.2.0, Node 24. dump writes an .npy file of an array and is documented to infer the type of a plain one. A guess: numbers of JavaScript are doubles, and what NumPy makes of such a list, float64, holds them.
# Whole numbers get the smallest type that holds them; all others float32, as the only question asked is whether the largest is beyond 3.4e38, not how many digits they need. Of rows of
# rows the type of the first row is taken, and the rows themselves are made numbers, NaN, and so 0. Seen, written and read back:
#   0.1 0.2                           f4   0.10000000149011612 0.20000000298023224
#   1767225600123.5                   f4   1767225556992          (43 s earlier)
#   16777217 0.5                      f4   16777216 0.5
#   16777217 1                        u4   right
#   [[1, 2], [3, 4]], shape 2 x 2     u1   a file of two bytes, 0 0, under a header of four
#   5000000000 1                      error
# So one fraction in a column rounds every whole number in it, identifiers and frame numbers too.
# Way out: Float64Array.from(values), or { dtype: "f8" }; .flat() for rows.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error npyjs@1.2.0 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { dump, parse } from "npyjs";

const again = (values, shape, options) => {
  try {
    const { dtype, data } = parse(dump(values, shape, options));
    return `${dtype}: ${data.join(" ")}`;
  } catch {
    return "error";
  }
};
const seen = {
  fractions: again([0.1, 0.2], [2]),
  time: again([1_767_225_600_123.5], [1]),
  "whole and fraction": again([16_777_217, 0.5], [2]),
  whole: again([16_777_217, 1], [2]),
  rows: again([[1, 2], [3, 4]], [2, 2]),
  "above 2^32": again([5_000_000_000, 1], [2]),
  "time with f8": again([1_767_225_600_123.5], [1], { dtype: "f8" }),
};
console.log("npyjs", JSON.parse(readFileSync("node_modules/npyjs/package.json", "utf8")).version, seen);
const expected = {
  fractions: "f4: 0.10000000149011612 0.20000000298023224", time: "f4: 1767225556992", "whole and fraction": "f4: 16777216 0.5", whole: "u4: 16777217 1", rows: "u1: 0 0", "above 2^32": "error",
  "time with f8": "f8: 1767225600123.5",
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
