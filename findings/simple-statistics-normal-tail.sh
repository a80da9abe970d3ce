#!/usr/bin/env bash
# simple-statistics' normal distribution ends at 3.09 deviations, and its quantiles are wrong in the third digit: 99.9 % lie below 3.080 instead of 3.090.
#
# npm simple-statistics 7.12.1, Node 24. cumulativeStdNormalProbability looks z up in a printed table of steps of 0.01, and takes the table's last entry for all beyond it.
# probit, "the inverse", goes another way, by an approximation of the inverse error function. A guess: both are good to what a double holds, or at least invert each other.
# So the smallest p-value that there is of a z-score is 0.001, for 4 deviations and for 40, and a correction for many tests (0.05 / 100) can find nothing at all.
# Seen, z: probability (right):      3.08: 0.999 (0.99896)   4: 0.999 (0.99996832)   -4: 0.001 (0.00003167)   40: 0.999 (1)
#       probability: probit (right):  0.9: 1.2811 (1.2816)   0.975: 1.9572 (1.9600)   0.995: 2.5692 (2.5758)   0.999: 3.0801 (3.0902)
#       there and back again: 0.99 is 0.9898
# Way out for probabilities: 0.5 + 0.5 * errorFunction(z / Math.SQRT2), which is right to 0.0000002; for quantiles bisect the same.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error simple-statistics@7.12.1 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { cumulativeStdNormalProbability as below, errorFunction, probit } from "simple-statistics";
const seen = {
  probabilities: [3.08, 4, -4, 40].map(below),
  quantiles: [0.9, 0.975, 0.995, 0.999].map((p) => Number(probit(p).toFixed(4))),
  again: below(probit(0.99)),
  byErrorFunction: Number((0.5 + 0.5 * errorFunction(-4 / Math.SQRT2)).toFixed(6)),
};
console.log("simple-statistics", JSON.parse(readFileSync("node_modules/simple-statistics/package.json", "utf8")).version, seen);
const expected = { probabilities: [0.999, 0.999, 0.001, 0.999], quantiles: [1.2811, 1.9572, 2.5692, 3.0801], again: 0.9898, byErrorFunction: 0.000032 };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
