#!/usr/bin/env bash
# TensorFlow.js 4.22.0 (layers API): the metric "precision" of a model is 0 beside an accuracy of 1, since only a probability of exactly 1 counts as a yes.
#
# compile takes metrics by name, "accuracy" and "precision" among them, and gives both what the model answers: probabilities. A guess: a yes is a probability above one half, as
# Keras's Precision has it and as "accuracy" has it here, and of a softmax the largest one. "precision" compares with 1: numbers below it are neither true nor false positives, and with
# nothing to divide by it is 0. A sigmoid reaches 1 in float32 from 17 on, so a classifier that is very sure gets a precision of those answers alone. A search that
# keeps the model of the best precision keeps the most overconfident one. tf.metrics.recall is alike (of compile's names it is none).
# Seen, a model that answers all right:
#   sigmoid, 0.9999 0.8808 for yes: accuracy 1, precision 0    the same, 100 times as sure: accuracy 1, precision 1
#   softmax, 0.88 and 0.12:         accuracy 1, precision 0
#   three noes of which one is answered 1, a yes answered 0.9: accuracy 0.75, precision 0 (right: 0.5)
#   tf.metrics.precision and recall of labels 0 1 1 and answers 0.6 0.7 0.4: 0 and 0 (right: 0.5 and 0.5); of 1 1 0: 0.5 and 0.5
# (Its documentation says that predictions are "expected to contain only 0-1 values"; compile gives it none of these.)
# Way out: a function of one's own for metrics, which rounds first: (truth, answer) => tf.metrics.precision(truth, tf.round(answer)).
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat > look.js <<'JS'
import * as tf from "@tensorflow/tfjs";
await tf.setBackend("cpu");
const rounded = (truth, answer) => tf.metrics.precision(truth, tf.round(answer));
function evaluate(activation, weights, inputs, truth) {
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: weights.length, inputShape: [1], activation, useBias: false, weights: [tf.tensor([weights])] }));
  const loss = activation === "sigmoid" ? "binaryCrossentropy" : "categoricalCrossentropy";
  model.compile({ loss, optimizer: "sgd", metrics: ["accuracy", "precision", rounded] });
  return model.evaluate(tf.tensor(inputs, [inputs.length, 1]), tf.tensor(truth)).slice(1).map((value) => Number(value.dataSync()[0].toFixed(3))).join(" ");
}
const column = (...numbers) => tf.tensor(numbers, [numbers.length, 1]);
const both = (answer) => ["precision", "recall"].map((name) => tf.metrics[name](column(0, 1, 1), answer).dataSync()[0]).join(" ");
const seen = {
  sigmoid: evaluate("sigmoid", [10], [-1, 1, 0.2, -0.2], [[0], [1], [1], [0]]),
  "sigmoid, surer": evaluate("sigmoid", [1000], [-1, 1, 0.2, -0.2], [[0], [1], [1], [0]]),
  softmax: evaluate("softmax", [-1, 1], [-1, 1], [[1, 0], [0, 1]]),
  "one no as 1": evaluate("sigmoid", [1], [-9, -9, 90, 2.2], [[0], [0], [0], [1]]),
  "0.6 0.7 0.4": both(column(0.6, 0.7, 0.4)),
  "1 1 0": both(column(1, 1, 0)),
};
console.log(`TensorFlow.js ${tf.version.tfjs}: accuracy, precision, precision of rounded answers`, seen);
const expected = { sigmoid: "1 0 1", "sigmoid, surer": "1 1 1", softmax: "1 0 1", "one no as 1": "0.75 0 0.5", "0.6 0.7 0.4": "0 0", "1 1 0": "0.5 0.5" };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node look.js 2> errors || { cat errors; exit 1; }
