#!/usr/bin/env bash
# ml-cross-validation leaves out of its folds what does not divide, nearly half of the samples at worst, for training and for testing.
#
# npm ml-cross-validation 1.3.0, Node 24. kFold says of itself that what k does not divide is left out, a comment in getFolds that the last fold gets it. A
# guess by either: less than one sample a fold is lost, nine of 109 in 10 folds, or none. Seen: folds are filled with the whole part of samples / k, so
# that of 19 samples in 10 folds there are 19, and those behind the tenth are dropped. The last fold gets what remains only where it is less
# than one such fold. Nothing tells; the confusion matrix has fewer counts than there were samples. Which ones are missing is drawn anew with each call.
# Seen, samples and folds: how many were tested; trained on beside the first fold
#   11, 5: 11; 9      14, 5: 10; 8      19, 10: 10; 9      29, 10: 21; 19      199, 100: 100; 99      150, 10: 150; 135
# Way out: choose folds that divide the samples, or folds of one's own.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-cross-validation@1.3.0 > /dev/null
cat > run.cjs <<'JS'
const { getFolds, kFold } = require("ml-cross-validation");
const count = (samples, k) => {
  const folds = getFolds(Array.from({ length: samples }), k);
  return `${new Set(folds.flatMap((fold) => fold.testIndex)).size}; ${folds[0].trainIndex.length}`;
};
const seen = {};
for (const [samples, k] of [[11, 5], [14, 5], [19, 10], [29, 10], [199, 100], [150, 10]]) seen[`${samples}, ${k}`] = count(samples, k);
// A classifier that says the first class of all, through the whole of kFold.
const matrix = kFold(Array.from({ length: 19 }, (_, i) => [i]), Array.from({ length: 19 }, (_, i) => i % 2), 10, (_x, _y, asked) => asked.map(() => 0));
seen.counted = matrix.getMatrix().flat().reduce((sum, n) => sum + n, 0);
console.log("ml-cross-validation", require("ml-cross-validation/package.json").version, seen);
const expected = { "11, 5": "11; 9", "14, 5": "10; 8", "19, 10": "10; 9", "29, 10": "21; 19", "199, 100": "100; 99", "150, 10": "150; 135", counted: 10 };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
