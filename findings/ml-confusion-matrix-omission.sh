#!/usr/bin/env bash
# ml-confusion-matrix gives the miss rate for the false omission rate: another question, with numbers far apart where one class is rare.
#
# npm ml-confusion-matrix 2.0.0, Node 24. The false omission rate is the share of what was told negative and is not: FN / (FN + TN), 1 less the negative predictive
# value, which the package has too. A guess: getFalseOmissionRate is that, and its sum with getNegativePredictiveValue is 1. Seen: it is FN / (FN + TP),
# the same as getFalseNegativeRate. The other rates, F1, Matthews' coefficient, informedness and markedness are as defined.
# Seen, 10 of 1,000 faces are positive, 5 of them found, 20 wrong alarms (TP 5, FN 5, FP 20, TN 970):
#   getFalseOmissionRate 0.5, getFalseNegativeRate 0.5, 1 - getNegativePredictiveValue 0.005
# Way out: 1 - getNegativePredictiveValue.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-confusion-matrix@2.0.0 > /dev/null
cat > run.cjs <<'JS'
const { ConfusionMatrix } = require("ml-confusion-matrix");
const matrix = new ConfusionMatrix([[5, 5], [20, 970]], ["yes", "no"]);
const round = (n) => Number(n.toFixed(3));
const seen = {
  omission: round(matrix.getFalseOmissionRate("yes")), missed: round(matrix.getFalseNegativeRate("yes")), right: round(1 - matrix.getNegativePredictiveValue("yes")),
  discovery: round(matrix.getFalseDiscoveryRate("yes")), f1: round(matrix.getF1Score("yes")), markedness: round(matrix.getMarkedness("yes")), matthews: round(matrix.getMatthewsCorrelationCoefficient("yes")),
};
console.log("ml-confusion-matrix", require("ml-confusion-matrix/package.json").version, seen);
const [tp, fn, fp, tn] = [5, 5, 20, 970];
const expected = {
  omission: 0.5, missed: 0.5, right: round(fn / (fn + tn)), discovery: fp / (fp + tp), f1: round((2 * tp) / (2 * tp + fp + fn)),
  markedness: round(tp / (tp + fp) - fn / (fn + tn)), matthews: round((tp * tn - fp * fn) / Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))),
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
