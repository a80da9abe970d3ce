#!/usr/bin/env bash
# jStat's percentile does not interpolate between the two largest values: it gives the second largest, the 95th percentile of ten values is their 90th.
#
# npm jstat 1.9.6, Node 24. jStat.percentile takes the place 1 + k (n - 1) and goes between its neighbours, as spreadsheets and NumPy do by default. A guess: it does so
# for every k. Seen: where the place lies behind the last value but one, the fraction is dropped, up to k = 1, where it jumps to the largest.
# So of n values every percentile above (n - 2) / (n - 1) is too small: of 20 the 95th, of 100 the 99th, the ones for which tails are looked at. With `exclusive` the same.
# Seen, 1 to 10 (jStat.percentile; right, and what jStat.quantiles of the same rule, with alphap = betap = 1, gives):
#   0.50: 5.5 (5.5)   0.85: 8.65 (8.65)   0.90: 9 (9.1)   0.95: 9 (9.55)   0.99: 9 (9.91)   1: 10 (10)
#   19 answers of 100 ms and one of 1,000, 0.99: 100 (829)    [0, 10], 0.5: 0 (5), though jStat.median is 5
# Way out: jStat.quantiles(values, [k], 1, 1).
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error jstat@1.9.6 > /dev/null
cat > run.cjs <<'JS'
const { jStat } = require("jstat");
const ten = Array.from({ length: 10 }, (_, i) => i + 1);
const answers = [...Array(19).fill(100), 1000];
const both = (values, k) => [jStat.percentile(values, k), jStat.quantiles(values, [k], 1, 1)[0]].map((x) => Number(x.toFixed(6))).join(" ");
const seen = { ...Object.fromEntries([0.5, 0.85, 0.9, 0.95, 0.99, 1].map((k) => [`p${k}`, both(ten, k)])), answers: both(answers, 0.99), two: both([0, 10], 0.5), median: jStat.median([0, 10]) };
console.log("jstat", require("jstat/package.json").version, seen);
const expected = { "p0.5": "5.5 5.5", "p0.85": "8.65 8.65", "p0.9": "9 9.1", "p0.95": "9 9.55", "p0.99": "9 9.91", p1: "10 10", answers: "100 829", two: "0 5", median: 5 };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
