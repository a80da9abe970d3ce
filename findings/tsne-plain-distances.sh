#!/usr/bin/env bash
# tsne-js does not square the distances of t-SNE: its neighbourhoods have no Gaussian shape. And @keckelt/tsne squares those of points, but not those that it is given.
#
# npm tsne-js 1.0.3, @keckelt/tsne 1.0.2 (of karpathy's tsnejs), Node 24. t-SNE (van der Maaten and Hinton, 2008) makes probabilities of squared distances: exp(-beta d^2), with
# beta by the perplexity. A guess: so does a package that says it follows scikit-learn's API, which squares Euclidean ones. tsne-js has exp(-beta d) with its only
# Euclidean metric: near neighbours count more and far ones far more than they should, so that the same perplexity means another neighbourhood. @keckelt/tsne is right from
# initDataRaw(points); of initDataDist(D) it says that D is a distance matrix, and takes it as it is, so that the same points through their distances become tsne-js' numbers.
# Seen, points 0 to 9 on a line, perplexity 3, the joint probability of the first and the next five, in thousandths:
#   initDataRaw: 47.7, 18.5, 6.1, 1.6, 0.3    initDataDist: 52.0, 14.8, 5.0, 1.9, 0.7    of squared ones: 47.7, 18.5, 6.1, 1.6, 0.3    tsne-js: 52.0, 14.8, 5.0, 1.9, 0.7
# Way out: initDataRaw, or initDataDist with squared distances.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts tsne-js@1.0.3 @keckelt/tsne@1.0.2
cat > look.js <<'JS'
const TsneJs = require("tsne-js");
const { TSNE } = require("@keckelt/tsne");
const points = Array.from({ length: 10 }, (_, i) => [i, 0]);
const distances = (power) => points.map((a) => points.map((b) => Math.abs(a[0] - b[0]) ** power));
const thousandths = (value) => Number((1000 * value).toFixed(1));
const others = [1, 2, 3, 4, 5];
function made(initialise) {
  const model = new TSNE({ perplexity: 3 });
  initialise(model);
  return others.map((j) => thousandths(model.P[j]));
}
const older = new TsneJs({ dim: 2, perplexity: 3, nIter: 160, metric: "euclidean" });
older.init({ data: points, type: "dense" });
older.run();
const seen = {
  raw: made((model) => model.initDataRaw(points)),
  distances: made((model) => model.initDataDist(distances(1))),
  squared: made((model) => model.initDataDist(distances(2))),
  "tsne-js": others.map((j) => thousandths(older.P.get(0, j))),
};
console.log("@keckelt/tsne 1.0.2 and tsne-js 1.0.3, joint probabilities in thousandths:", seen);
const right = [47.7, 18.5, 6.1, 1.6, 0.3];
const plain = [52, 14.8, 5, 1.9, 0.7];
const isNear = (values, expected) => values.every((value, i) => Math.abs(value - expected[i]) < 0.15);
if (!(isNear(seen.raw, right) && isNear(seen.squared, right) && isNear(seen.distances, plain) && isNear(seen["tsne-js"], plain))) throw new Error("this has changed");
JS
node look.js
