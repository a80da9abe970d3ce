#!/usr/bin/env bash
# ml-stat's correlation of a matrix is its covariance, and its z-scores are only centred; its "robust" mean is the mean.
#
# npm ml-stat 1.3.3, Node 24. matrix.correlation standardises the columns with matrix.zScores and multiplies them. A guess: a correlation matrix has 1 on its diagonal, a z-score is
# (x - mean) / deviation, and a robust mean does not follow an outlier. But the two call standardDeviation(matrix, means, unbiased) with the last two the other way round; the deviations are
# NaN, and what is NaN is not divided by. Seen, columns 1 3 5 and 2 5 10 (deviations 2 and 4.04):
#   correlation          [[4, 8], [8, 16.33]], as covariance           (1 and 0.99)
#   zScores              -2 0 2, -3.67 -0.67 4.33                      (-1 0 1, -0.91 -0.16 1.07)
#   zScores, with means and deviations given                           right
#   scatter              as covariance as well                         (sums of products: [[8, 16], [16, 32.67]])
#   array.robustMeanAndStdev of 1 2 3 4 100:   22 and 29.65, the mean and 1.48 times the median distance from it    (median 3, 1.48 times the median distance from that: 1.48)
# Columns of large numbers rule every distance that is taken of such "z-scores".
# Way out: zScores(matrix, mean(matrix), standardDeviation(matrix)), or ml-matrix' correlation.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-stat@1.3.3 ml-matrix@6.15.1 > /dev/null
cat > run.cjs <<'JS'
const { correlation } = require("ml-matrix");
const { array, matrix } = require("ml-stat");
const data = [[1, 2], [3, 5], [5, 10]];
const rounded = (value) => (typeof value === "number" ? Math.round(100 * value) / 100 : Array.isArray(value) ? value.map(rounded) : Object.values(value).map(rounded));
const seen = {
  correlation: rounded(matrix.correlation(data)),
  covariance: rounded(matrix.covariance(data)),
  scatter: rounded(matrix.scatter(data)),
  zScores: rounded(matrix.zScores(data)),
  given: rounded(matrix.zScores(data, matrix.mean(data), matrix.standardDeviation(data))),
  robust: rounded(array.robustMeanAndStdev([1, 2, 3, 4, 100])),
  "ml-matrix": rounded(correlation(data).to2DArray()),
};
console.log("ml-stat", require("ml-stat/package.json").version, JSON.stringify(seen, null, 1).replace(/\n\s+(?=[-\d\]])/g, " "));
const products = [[4, 8], [8, 16.33]];
const expected = {
  correlation: products, covariance: products, scatter: products, zScores: [[-2, -3.67], [0, -0.67], [2, 4.33]], given: [[-1, -0.91], [0, -0.16], [1, 1.07]],
  robust: [22, 29.65], "ml-matrix": [[1, 0.99], [0.99, 1]],
};
if (JSON.stringify(seen).replaceAll("-0,", "0,") !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
