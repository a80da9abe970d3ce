#!/usr/bin/env bash
# simple-statistics draws no density of values of which the middle half is one number: NaN everywhere, without an error.
#
# npm simple-statistics 7.12.1, Node 24. kernelDensityEstimation takes the smaller of the standard deviation and 0.75 of the interquartile range for its width, the rule that
# its documentation names. A guess: it gives a density for all values that are not all the same. Where the quartiles are equal the width is 0, and 0 / 0 comes out. Whole ages,
# counts and ratings, of which one is frequent, are like that; R's rule of nearly the same name (bw.nrd0) goes on with the deviation then.
# Seen, 20 25 30 30 30 30 30 30 40 50: at 30, at 35, and at 99: NaN     with a width of 2: 0.1206 at 30
#   0 0 0 1: 1.9964 at 0, as its quartiles are not the same
# Way out: hand over a width, 1.06 * sampleStandardDeviation(values) * values.length ** -0.2, if interquartileRange(values) is 0.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error simple-statistics@7.12.1 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { interquartileRange, kernelDensityEstimation, sampleStandardDeviation } from "simple-statistics";
const ages = [20, 25, 30, 30, 30, 30, 30, 30, 40, 50];
const density = kernelDensityEstimation(ages);
const rounded = (value) => Number(value.toFixed(4));
const width = 1.06 * sampleStandardDeviation(ages) * ages.length ** -0.2;
const seen = {
  atThree: [30, 35, 99].map((age) => String(density(age))),
  range: interquartileRange(ages),
  ofWidth2: rounded(kernelDensityEstimation(ages, "gaussian", 2)(30)),
  other: rounded(kernelDensityEstimation([0, 0, 0, 1])(0)),
  wayOut: Number.isFinite(kernelDensityEstimation(ages, "gaussian", width)(35)),
};
console.log("simple-statistics", JSON.parse(readFileSync("node_modules/simple-statistics/package.json", "utf8")).version, seen);
const expected = { atThree: ["NaN", "NaN", "NaN"], range: 0, ofWidth2: 0.1206, other: 1.9964, wayOut: true };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
