#!/usr/bin/env bash
# ml-logistic-regression has no intercept: at the origin every answer is one half, and classes that lie on one side of it are not told apart.
#
# npm ml-logistic-regression 2.0.0, Node 24. A guess: logistic regression is the sigmoid of w x + b, as in every textbook and in scikit-learn, where b is learnt by default.
# Seen: there is no b, and the documentation says nothing of it. Features that are positive, such as ages, distances, pixels or what stands behind a ReLU, are
# divided through the origin alone; whatever the number of steps, the loss stays high, which looks like too small a rate.
# Seen, x = 1 to 8, class 0 up to 4 and class 1 from 5 on:
#   x:                 1 1 1 1 1 1 1 1
#   x and a column 1:  0 0 0 0 1 1 1 1
#   x - 4.5:           0 0 0 0 1 1 1 1; scores at 0: 0.5
# Way out: a column of ones.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-logistic-regression@2.0.0 ml-matrix@6.15.1 > /dev/null
cat > run.cjs <<'JS'
const LogisticRegression = require("ml-logistic-regression");
const { Matrix } = require("ml-matrix");
const x = [1, 2, 3, 4, 5, 6, 7, 8];
const train = (rows) => {
  const model = new (LogisticRegression.default ?? LogisticRegression)({ numSteps: 20_000, learningRate: 5e-3 });
  model.train(new Matrix(rows), Matrix.columnVector(x.map((n) => (n > 4 ? 1 : 0))));
  return model;
};
const told = (rows) => train(rows).predict(new Matrix(rows)).join(" ");
const centred = x.map((n) => [n - 4.5]);
const seen = { plain: told(x.map((n) => [n])), ones: told(x.map((n) => [n, 1])), centred: told(centred), origin: train(centred).classifiers[0].testScores(new Matrix([[0]])).join() };
console.log("ml-logistic-regression", require("ml-logistic-regression/package.json").version, seen);
const right = "0 0 0 0 1 1 1 1";
if (JSON.stringify(seen) !== JSON.stringify({ plain: "1 1 1 1 1 1 1 1", ones: right, centred: right, origin: "0.5" })) throw new Error("this has changed");
JS
node run.cjs
