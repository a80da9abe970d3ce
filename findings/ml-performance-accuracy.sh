#!/usr/bin/env bash
# ml-performance divides by the number of different scores, not of samples: accuracies exceed 1 where scores are equal, and error rates are counts.
#
# npm ml-performance 0.2.0, Node 24. A guess: `acc` is (TP + TN) / samples at each cut, `err` is 1 less that. Seen: both are divided by the number of cuts
# less one, which is the number of samples only where no two scores are equal; scores in steps, as those of 8-bit networks, of votes, or rounded
# ones, give an accuracy of 2 for one of 0.5. In `err` the division holds for the false positives alone, so that it is a count plus a share.
# The rates by class (tpr, fpr, ppv, npv) and the area under the curve are right.
# Seen, six samples, each score a sample of its own 0.9 0.8 0.7 0.6 0.5 0.4, labels 1 1 0 1 0 0, best cut first:
#   acc 0.5 0.667 0.833 0.667 0.833 0.667 0.5 (right)      err 3 2 1 1.167 0.167 0.333 0.5 (right: 0.5 0.333 0.167 0.333 0.167 0.333 0.5)
# the same labels with the scores 0.9 0.9 0.9 0.2 0.2 0.2:
#   acc 1.5 2 1.5 (right: 0.5 0.667 0.5)                    err 3 1.5 1.5
# Way out: 1 - (fn + fp) / nSamples from the object's own fields.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-performance@0.2.0 > /dev/null
cat > run.cjs <<'JS'
const Performance = require("ml-performance");
const told = (scores) => {
  const curve = new Performance([scores], [[1, 1, 0, 1, 0, 0]], { all: true, max: true });
  const rounded = (list) => list.map((n) => Number(n.toFixed(3))).join(" ");
  const right = curve.fn.map((n, i) => (n + curve.fp[i]) / curve.nSamples);
  return { acc: rounded(curve.getMeasure("acc")), err: rounded(curve.getMeasure("err")), right: rounded(right), area: curve.getAURC().toFixed(3) };
};
const seen = { apart: told([0.9, 0.8, 0.7, 0.6, 0.5, 0.4]), equal: told([0.9, 0.9, 0.9, 0.2, 0.2, 0.2]) };
console.log("ml-performance", require("ml-performance/package.json").version, seen);
const expected = {
  apart: { acc: "0.5 0.667 0.833 0.667 0.833 0.667 0.5", err: "3 2 1 1.167 0.167 0.333 0.5", right: "0.5 0.333 0.167 0.333 0.167 0.333 0.5", area: "0.889" },
  equal: { acc: "1.5 2 1.5", err: "3 1.5 1.5", right: "0.5 0.333 0.5", area: "0.667" },
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
