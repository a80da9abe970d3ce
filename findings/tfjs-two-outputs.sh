#!/usr/bin/env bash
# TensorFlow.js 4.22.0 (layers API): a model of several outputs reports its validation under shifted names: val_loss is the first output's alone; and loss weights are ignored.
#
# A network for age, gender and mood has three outputs and three losses; training goes by their sum. A guess: val_loss is the sum, as loss is, val_a_loss is that of output a, and compile's lossWeights weighs
# the terms, as in Keras. fit's own numbers are so. evaluate, evaluateDataset and fit's validation keep each partial sum as if it were a result: the
# list is longer than metricsNames by one for each output but the first, and the names are given from the front. With one output all is right. So early
# stopping by val_loss watches one task, val_a_loss is above it, and a mean absolute error is in truth a squared one. lossWeights are taken and not read.
# Seen, errors 1 and 3, squared 1 and 9 (what it is):
#   fit:        loss 10       a_loss 1               b_loss 9                a_mae 1               b_mae 3
#   validation: val_loss 1 (a) val_a_loss 10 (sum)   val_b_loss 1 (a)        val_a_mae 9 (b, squared) val_b_mae 1 (a)
#   evaluate gives 1 10 1 9 1 3 for five names; of three outputs nine numbers for seven names
#   lossWeights [1, 10]: loss 10, as without (Keras: 91)
# Way out: evaluate(...).slice(outputs - 1), whose first is then the sum; a custom loss for weights.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat > look.js <<'JS'
import * as tf from "@tensorflow/tfjs";
await tf.setBackend("cpu");
const truth = [1, 3, 5].map((value) => tf.tensor([[value]]));
const x = tf.tensor([[1]]);
function build(count, lossWeights) {
  const inputs = tf.input({ shape: [1] });
  const outputs = ["a", "b", "c"].slice(0, count).map((name) => tf.layers.dense({ units: 1, name, useBias: false, kernelInitializer: "zeros" }).apply(inputs));
  const model = tf.model({ inputs, outputs });
  model.compile({ loss: "meanSquaredError", lossWeights, optimizer: tf.train.sgd(0), metrics: ["mae"] });
  return model;
}
const numbers = (values) => values.map((value) => value.dataSync()[0]).join(" ");
const y = truth.slice(0, 2);
const [two, three] = [build(2), build(3)];
const { history } = await two.fit(x, y, { epochs: 1, verbose: 0, validationData: [x, y] });
const weighted = await build(2, [1, 10]).fit(x, y, { epochs: 1, verbose: 0 });
const seen = {
  fit: Object.entries(history).map(([name, [value]]) => `${name} ${value}`).sort().join(", "),
  evaluate: numbers(two.evaluate(x, y)),
  names: two.metricsNames.join(" "),
  one: numbers(build(1).evaluate(x, truth[0])),
  three: `${three.evaluate(x, truth).length} numbers, ${three.metricsNames.length} names`,
  weighted: weighted.history.loss[0],
};
console.log(`TensorFlow.js ${tf.version.tfjs}`, seen);
const expected = {
  fit: "a_loss 1, a_mae 1, b_loss 9, b_mae 3, loss 10, val_a_loss 10, val_a_mae 9, val_b_loss 1, val_b_mae 1, val_loss 1",
  evaluate: "1 10 1 9 1 3",
  names: "loss a_loss b_loss a_mae b_mae",
  one: "1 1",
  three: "9 numbers, 7 names",
  weighted: 10,
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node look.js 2> errors || { cat errors; exit 1; }
