#!/usr/bin/env bash
# ml-ransac's seed does not reach its last sample: the same call gives another model now and then; and a point at the threshold itself is an outlier, against the documentation.
#
# npm ml-ransac 1.0.0, Node 24. RANSAC fits a model to small random samples and keeps the one with the most inliers; image-js aligns pictures with it. `seed` is documented as the seed of the samples' random
# indices, and "the points for which the distance is equal to threshold are considered inliers". A guess: with a seed two calls give the same, and a distance of 1 is within a threshold of 1. But the
# seeds of the samples are counted from 1, one too far, so that the last sample is drawn without any. With the default of 100 samples it rarely is the best one, which makes tests that fail
# once in a while; with few it decides. And the comparison is "less than". Seen, 20 points, 16 of them on y = 1 + 2 x, seed 7, ten calls each:
#   maxNbIterations 1:      different models
#   maxNbIterations 20:     one model
#   a sample that is fixed, every distance exactly 1, threshold 1: 2 inliers, which are the sample; threshold 1.0001: 20
# Distances of whole pixels are often exactly 1 or 2.
# Way out: one iteration more than one means to have, compared by inliers; a threshold between the numbers that occur.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-ransac@1.0.0 > /dev/null
cat > run.cjs <<'JS'
const { ransac } = require("ml-ransac");
const xs = Array.from({ length: 20 }, (_, i) => i);
const ys = xs.map((x, i) => (i % 5 === 0 ? 50 - x : 1 + 2 * x));
const line = ([a, b]) => (x) => a + b * x;
const through = ([x0, x1], [y0, y1]) => [y0 - ((y1 - y0) / (x1 - x0)) * x0, (y1 - y0) / (x1 - x0)];
const distanceFunction = (a, b) => Math.abs(a - b);
const models = (maxNbIterations) => new Set(Array.from({ length: 10 }, () => ransac(xs, ys, { seed: 7, maxNbIterations, threshold: 0.5, fitFunction: through, modelFunction: line, distanceFunction }).modelParameters.join()));
const inliers = (threshold) => ransac(xs, xs.map((x) => x + 1), { maxNbIterations: 1, threshold, fitFunction: () => [0, 1], modelFunction: line, distanceFunction }).inliers.length;
const seen = { "1 iteration": models(1).size > 1, "20 iterations": [...models(20)].join(" "), "threshold 1": inliers(1), "threshold 1.0001": inliers(1.0001) };
console.log("ml-ransac", require("./node_modules/ml-ransac/package.json").version, seen);
const expected = { "1 iteration": true, "20 iterations": "1,2", "threshold 1": 2, "threshold 1.0001": 20 };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
