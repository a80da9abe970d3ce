#!/usr/bin/env bash
# ml-pca's eigenvalues depend on the method: by NIPALS they are sums over all rows, by the other two means, and deviations follow.
#
# npm ml-pca 4.1.1, Node 24. SVD (the default), covarianceMatrix and NIPALS are three ways to the same components. A guess: getEigenvalues and
# getStandardDeviations agree, as getExplainedVariance does, whose shares hide the factor. Seen: by NIPALS the eigenvalues are the sums of squared scores,
# rows - 1 times what the other two and the covariance matrix have; standard deviations are larger by its root. So who scales by them (whitening, distances
# by Mahalanobis, a Kaiser criterion of 1 on scaled data) gets other results from a table that is longer, and from the same one by another method.
# Seen, nine points in the plane (variances of the scores 15.670 and 6.777):
#   SVD, covarianceMatrix: eigenvalues 15.670 6.777, deviations 3.959 2.603; shares 0.698 0.302
#   NIPALS:                eigenvalues 125.362 54.218, deviations 11.197 7.363; shares 0.698 0.302
# Way out: divide what NIPALS gives by rows - 1.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-pca@4.1.1 > /dev/null
cat > run.cjs <<'JS'
const { PCA } = require("ml-pca");
const points = [[0, 0], [1, 0], [0, 1.3], [5, 5], [6, 5.5], [5, 6.7], [10, 0], [10.5, 1], [3, 3]];
const rounded = (list) => list.map((n) => n.toFixed(3)).join(" ");
const seen = {};
for (const method of ["SVD", "covarianceMatrix", "NIPALS"]) {
  const pca = new PCA(points, { method, nCompNIPALS: 2 });
  const scores = pca.predict(points).to2DArray();
  const variances = [0, 1].map((k) => scores.reduce((sum, row) => sum + row[k] ** 2, 0) / (points.length - 1));
  seen[method] = [rounded(pca.getEigenvalues()), rounded(pca.getStandardDeviations()), rounded(pca.getExplainedVariance()), rounded(variances)];
}
console.log("ml-pca", require("ml-pca/package.json").version, seen);
const [shares, variances] = ["0.698 0.302", "15.670 6.777"];
const usual = [variances, "3.959 2.603", shares, variances];
if (JSON.stringify(seen) !== JSON.stringify({ SVD: usual, covarianceMatrix: usual, NIPALS: ["125.362 54.218", "11.197 7.363", shares, variances] })) throw new Error("this has changed");
JS
node run.cjs
