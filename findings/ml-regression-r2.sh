#!/usr/bin/env bash
# ml-regression gives a model an r2 of 1 for answers that are ten times too large, 100 too large, or upside down.
#
# npm ml-regression 6.3.0 (ml-regression-base 4.0.1), Node 24. `score(x, y)` of every regression compares its answers with other values, and gives r, r2, chi2 and rmsd. A guess: r2 is what is called R squared of a
# regression, 1 less the quotient of the squared errors and the values' own spread: at most 1, below 0 where the mean would have been better. It is the square of
# the correlation. On the data that a straight line was fitted to both are the same, which is where one tries it; on other data, which is what a score is
# for, any straight relation counts as perfect, also a falling one. A model of age that is wrong by ten years for everybody has 1.
# Seen, the line y = x asked for 1 2 3 4, r2 (1 - squared errors / spread):
#   values 4 3 2 1: 1 (-3)    10 20 30 40: 1 (-3.86)    101 102 103 104: 1 (-7999)    2 1 4 3: 0.36 (0.2)    1 2 3 4: 1 (1)
# chi2, errors divided by the values, is negative where values are: -56 for a parabola asked about its negative. rmsd is right in all of these.
# Way out: rmsd, and 1 - rmsd squared by the values' variance.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-regression@6.3.0 > /dev/null
cat > run.cjs <<'JS'
const { PolynomialRegression, SimpleLinearRegression } = require("ml-regression");
const places = [1, 2, 3, 4];
const line = new SimpleLinearRegression(places, places);
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
const seen = [[4, 3, 2, 1], [10, 20, 30, 40], [101, 102, 103, 104], [2, 1, 4, 3], places].map((values) => {
  const mean = sum(values) / values.length;
  const right = 1 - sum(values.map((value, i) => (value - line.predict(places[i])) ** 2)) / sum(values.map((value) => (value - mean) ** 2));
  return [line.score(places, values).r2, right].map((n) => Number(n.toFixed(2)));
});
const { chi2, rmsd } = new PolynomialRegression([0, 1, 2, 3], [0, 1, 4, 9], 2).score([0, 1, 2, 3], [0, -1, -4, -9]);
console.log("r2 (right):", seen.map(([r2, right]) => `${r2} (${right})`).join("  "), "| chi2", chi2.toFixed(2), "rmsd", rmsd.toFixed(2));
const expected = [[1, -3], [1, -3.86], [1, -7999], [0.36, 0.2], [1, 1]];
if (JSON.stringify(seen) !== JSON.stringify(expected) || Math.abs(chi2 + 56) > 1e-6) throw new Error("this has changed");
JS
node run.cjs
