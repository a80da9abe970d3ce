#!/usr/bin/env bash
# TensorFlow.js 4.22.0: tf.losses of a batch in which every weight is 0 are NaN, and so is every weight of the network after that step.
#
# Weights of a loss are how missing labels are left out: 0 for what is not known. tf.losses divides by the number of weights that are not 0 by default (SUM_BY_NONZERO_WEIGHTS, TensorFlow's name, whose
# division is 0 where there is nothing to divide by). A guess: a batch without a label is a loss of 0 and changes nothing. Seen: 0 / 0, and with
# several tasks in one network one task without labels in one small batch is enough. Of 16 with a label for every fifth, that is one batch in 36.
# Seen, meanSquaredError of 1 2 and 2 3: weights 1 0: 1; weights 0 0: NaN; Reduction.MEAN with weights 0 0: NaN; Reduction.SUM: 0
#   a weight of 0.5 after one step of SGD on that batch: NaN; by Reduction.SUM 0.5
# Way out: tf.Reduction.SUM and a division of one's own by max(1, how many).
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat > look.js <<'JS'
import * as tf from "@tensorflow/tfjs";
await tf.setBackend("cpu");
const { losses, Reduction } = tf;
const loss = (weights, reduction) => losses.meanSquaredError(tf.tensor1d([1, 2]), tf.tensor1d([2, 3]), tf.tensor1d(weights), reduction);
function step(reduction) {
  const weight = tf.variable(tf.scalar(0.5));
  tf.train.sgd(0.1).minimize(() => losses.meanSquaredError(tf.tensor1d([1, 2]), weight.mul(tf.tensor1d([3, 4])), tf.tensor1d([0, 0]), reduction));
  return weight.dataSync()[0];
}
const seen = {
  "1 0": loss([1, 0]).dataSync()[0],
  "0 0": loss([0, 0]).dataSync()[0],
  mean: loss([0, 0], Reduction.MEAN).dataSync()[0],
  sum: loss([0, 0], Reduction.SUM).dataSync()[0],
  step: step(),
  "step, sum": step(Reduction.SUM),
  softmax: losses.softmaxCrossEntropy(tf.tensor([[0, 1]]), tf.tensor([[2, 3]]), tf.tensor1d([0])).dataSync()[0],
};
console.log(`TensorFlow.js ${tf.version.tfjs}`, seen);
const expected = { "1 0": 1, "0 0": NaN, mean: NaN, sum: 0, step: NaN, "step, sum": 0.5, softmax: NaN };
if (Object.keys(expected).some((name) => !Object.is(seen[name], expected[name]))) throw new Error("this has changed");
JS
node look.js 2> errors || { cat errors; exit 1; }
