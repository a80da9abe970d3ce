#!/usr/bin/env bash
# ml-naivebayes: GaussianNB learns all features of a row and judges by the first two.
#
# npm ml-naivebayes 4.0.0, Node 24. A guess: the product of naive Bayes goes over each feature that was learnt. Means and deviations are kept for
# all, and the loop that predicts ends where the list of one feature's two constants does. Nobody sees it while the first two tell the classes
# apart; a set that is read with its columns in another order gets other answers. One feature alone fails, with a TypeError.
# What is far from each class underflows to a probability of 0 for all, and its class is -1, which is none. And a batch that has one row more than there
# are features is refused: what should compare features compares rows.
# Seen, 8 rows of three features, one of which is about 0 in class 0 and about 9 in class 1, the others alike in both:
#   that feature in third place: 0 0 0 0 0 0 0 0
#   in first place:              0 0 0 0 1 1 1 1
#   two features, classes about (0, 0.5) and (100, 0.5), a row at (50, 0): -1
#   two features, 2 and 4 rows asked: answers; 3 rows: RangeError, "the dataset must have the same features as the training set"
# Way out: MultinomialNB for counts, which looks at all; for numbers none.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-naivebayes@4.0.0 > /dev/null
cat > run.cjs <<'JS'
const { GaussianNB } = require("ml-naivebayes");
const told = (rows, classes, asked = rows) => {
  const model = new GaussianNB();
  model.train(rows, classes);
  return model.predict(asked).join(" ");
};
const rows = [[0, 0, 0], [1, 1, 0.1], [0, 1, 0.05], [1, 0, 0], [0, 0, 9], [1, 1, 9.1], [0, 1, 9.05], [1, 0, 9]];
const classes = [0, 0, 0, 0, 1, 1, 1, 1];
const orError = (...given) => {
  try {
    return told(...given);
  } catch (error) {
    return error.name;
  }
};
const pairs = [[[0, 1], [1, 0], [100, 1], [101, 0]], [0, 0, 1, 1]];
const seen = {
  third: told(rows, classes),
  first: told(rows.map(([a, b, c]) => [c, a, b]), classes),
  alone: orError(rows.map((row) => [row[2]]), classes),
  far: told(...pairs, [[50, 0], [0, 0]]),
  three: orError(...pairs, [[50, 0], [0, 0], [101, 1]]),
  four: orError(...pairs, [[50, 0], [0, 0], [101, 1], [0, 0]]),
};
console.log("ml-naivebayes", require("ml-naivebayes/package.json").version, seen);
const expected = { third: "0 0 0 0 0 0 0 0", first: "0 0 0 0 1 1 1 1", alone: "TypeError", far: "-1 0", three: "RangeError", four: "-1 0 1 0" };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
