#!/usr/bin/env bash
# ml-random-forest: maxSamples draws nothing, each tree gets the first rows of the set; and maxFeatures 1 is all of them.
#
# npm ml-random-forest 2.1.0, Node 24. Its documentation: "If int, then draw maxSamples samples. If float, then draw maxSamples * X.shape[0] samples"; and of
# maxFeatures, that a whole number chooses so many. A guess: each tree sees another drawn half, as in scikit-learn, whose words these are. Seen: the
# rows behind the first maxSamples are cut off before the first tree, so a set that lies in order of its classes, as folders of classes are read, loses those
# that come late, for all trees and all seeds. And a 1 counts as a share of 1.0 before it can count as one feature.
# Seen, 40 rows, the first 20 of class 0, the others of class 1, 25 trees:
#   without maxSamples:      20 times 0, 20 times 1, right
#   maxSamples 0.5, or 20:   40 times 0
#   the rows turned around:  40 times 1
# Features of the trees, 3 in all: maxFeatures 1: 3 each; 2: 2 each; 3: 3 each; 0.4: 1 each.
# Way out: shuffle the rows before, which gives one drawn half for all trees; leave maxSamples out and let useSampleBagging draw; ask for one feature by a share.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-random-forest@2.1.0 > /dev/null
cat > run.cjs <<'JS'
const { RandomForestClassifier } = require("ml-random-forest");
const rows = Array.from({ length: 40 }, (_, i) => [i, (i * 7) % 40, (i * 11) % 40]);
const classes = rows.map((_, i) => (i < 20 ? 0 : 1));
const forest = (options, order = rows.map((_, i) => i)) => {
  const model = new RandomForestClassifier({ seed: 3, nEstimators: 25, maxFeatures: 3, replacement: false, noOOB: true, ...options });
  model.train(order.map((i) => rows[i]), order.map((i) => classes[i]));
  return model;
};
const told = (model) => model.predict(rows).join("");
const seen = {
  all: told(forest({})),
  half: told(forest({ maxSamples: 0.5 })),
  twenty: told(forest({ maxSamples: 20 })),
  otherSeed: told(forest({ maxSamples: 20, seed: 4 })),
  turned: told(forest({ maxSamples: 20 }, rows.map((_, i) => 39 - i))),
  features: [1, 2, 3, 0.4].map((maxFeatures) => [...new Set(forest({ maxFeatures }).indexes.map((list) => list.length))].join()).join(" "),
};
console.log("ml-random-forest", require("ml-random-forest/package.json").version, seen);
const [zeros, ones] = ["0".repeat(40), "1".repeat(40)];
const expected = { all: "0".repeat(20) + "1".repeat(20), half: zeros, twenty: zeros, otherSeed: zeros, turned: ones, features: "3 2 3 1" };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
