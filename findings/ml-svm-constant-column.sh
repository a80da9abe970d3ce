#!/usr/bin/env bash
# ml-svm says -1 of everything, and learns nothing, where one column of the features is constant; and it does not keep the limit C where the classes differ.
#
# npm ml-svm 2.1.2, Node 24. By default features are scaled to 0 to 1 by their least and largest value ("whitening"). A guess: a constant column becomes 0, or is refused, as in other libraries. It is
# divided by its range, 0 by 0: all kernels are NaN, no comparison of the training holds, it ends at once with no support vector and no error, and every margin is NaN, which is not above 0.
# A pixel of the frame, a word that no text has, a column of ones for the intercept are such columns. The support vector machine's weights lie between 0 and C; for two points of different
# classes the second's new weight is at most C + its old one - the first's old one, by the algorithm that the package follows (Platt, 1998), so that the first stays below C too; here it is C alone.
# Seen, three points around (0, 0) as -1, three around (5, 5) as 1:
#   two columns:                                -1 -1 -1 1 1 1      5 support vectors
#   a third column of ones:                     -1 -1 -1 -1 -1 -1   none, margins NaN
#   a third column of 1, 1.000001, ...:         -1 -1 -1 1 1 1
#   40 points of two overlapping classes, C 0.1: largest weight 0.2
#   margin([1, 1]), documented for one row:     [NaN, NaN]          margin([[1, 1]]): a number
# Way out: leave constant columns out, or { whitening: false }; rows in an array always.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-svm@2.1.2 > /dev/null
cat > run.cjs <<'JS'
const SVM = require("ml-svm");
let state = 3;
const random = () => {
  state = (state + 0x6d_2b_79_f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};
const points = [[0, 0], [0, 1], [1, 0], [5, 5], [5, 6], [6, 5]];
const labels = [-1, -1, -1, 1, 1, 1];
const train = (features, options) => {
  const svm = new SVM({ random, ...options });
  svm.train(features, labels);
  return svm;
};
const seen = {};
for (const [name, features] of Object.entries({ plain: points, constant: points.map((row) => [...row, 1]), nearly: points.map((row, i) => [...row, 1 + i * 1e-6]) })) {
  const svm = train(features);
  seen[name] = [svm.predict(features).join(" "), svm.supportVectors().length > 0, svm.margin(features).some(Number.isNaN)];
}
const svm = train(points);
seen["one row"] = [svm.margin([1, 1]).join(" "), Number.isFinite(svm.margin([[1, 1]])[0])];
const overlapping = Array.from({ length: 40 }, (_, i) => [(i % 2) * 0.7 + random(), random()]);
const limited = new SVM({ C: 0.1, random, tol: 1e-3, maxIterations: 100_000 });
limited.train(overlapping, overlapping.map((_, i) => (i % 2 === 1 ? 1 : -1)));
seen["largest weight above C"] = Math.max(...limited.alphas) > 0.1 + 1e-9;
console.log("ml-svm", require("./node_modules/ml-svm/package.json").version, seen, Math.max(...limited.alphas));
const expected = {
  plain: ["-1 -1 -1 1 1 1", true, false], constant: ["-1 -1 -1 -1 -1 -1", false, true], nearly: ["-1 -1 -1 1 1 1", true, false], "one row": ["NaN NaN", true], "largest weight above C": true,
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
