#!/usr/bin/env bash
# ml-cart leaves a perfect split out: a regression tree that could tell two groups apart without an error tells nobody apart.
#
# npm ml-cart 2.1.1, and ml-random-forest 2.1.0, which stands on it; Node 24. A guess: values 0 for x up to 4 and 10 from 5 on are what a tree learns best.
# A node is split where its gain is larger than a threshold, 0 if nobody says otherwise. For classes the gain is what impurity loses; for numbers the
# field of that name holds the squared error that would be left, so that the best split of all, with nothing left, is the one that is refused. Each
# branch ends one question early wherever the last one would settle it, and noise in the values, even a hundredth, brings the split back.
# Seen, x = 1 to 8:
#   values 0 0 0 0 10 10 10 10:     5 for each x          the forest of 50 trees: 5.025 for each x
#   values 0 0 0 0 10 10 10 10.1:   0 0 0 0 10.025 10.025 10.025 10.025
#   values 1 1 5 5 9 9 (x to 6):    1 1 7 7 7 7; the second split would leave nothing
#   the same as classes 0 and 1:    right
# Half a way out for numbers: gainThreshold -1, with which the third is 1 1 5 5 9 9. The first stays 5: a gain of 0 also counts as "no better than above",
# since what stands above the first node is taken for 0. A hundredth of noise in the values helps there.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-cart@2.1.1 ml-random-forest@2.1.0 > /dev/null
cat > run.cjs <<'JS'
const { DecisionTreeClassifier, DecisionTreeRegression } = require("ml-cart");
const { RandomForestRegression } = require("ml-random-forest");
const answer = (model, values, asRow) => {
  const x = values.map((_, i) => (asRow ? [i + 1] : i + 1));
  model.train(x, values);
  return model.predict(x).map((n) => Number(n.toFixed(3))).join(" ");
};
const groups = [0, 0, 0, 0, 10, 10, 10, 10];
const seen = {
  tree: answer(new DecisionTreeRegression(), groups),
  forest: answer(new RandomForestRegression({ seed: 3, nEstimators: 50, maxFeatures: 1, noOOB: true }), groups, true),
  noisy: answer(new DecisionTreeRegression(), [...groups.slice(0, 7), 10.1]),
  three: answer(new DecisionTreeRegression(), [1, 1, 5, 5, 9, 9]),
  classes: answer(new DecisionTreeClassifier({ gainFunction: "gini" }), groups.map((n) => n / 10), true),
  below: answer(new DecisionTreeRegression({ gainThreshold: -1 }), groups),
  threeBelow: answer(new DecisionTreeRegression({ gainThreshold: -1 }), [1, 1, 5, 5, 9, 9]),
};
console.log("ml-cart", require("ml-cart/package.json").version, seen);
const flat = (n) => Array(8).fill(n).join(" ");
const expected = { tree: flat(5), forest: flat(5.025), noisy: "0 0 0 0 10.025 10.025 10.025 10.025", three: "1 1 7 7 7 7", classes: "0 0 0 0 1 1 1 1", below: flat(5), threeBelow: "1 1 5 5 9 9" };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
