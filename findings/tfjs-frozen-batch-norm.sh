#!/usr/bin/env bash
# TensorFlow.js 4.22.0 (layers API): a frozen model is changed by training what stands on it.
#
# A guess: with `trainable = false` nothing of a model changes, and it computes in `fit` as it does in `predict`; so does Keras from
# TensorFlow 2 on, where a frozen BatchNormalization works by its stored statistics. Here `trainable` keeps the optimiser away, nothing else:
# in `fit` the frozen layer takes the batch's own mean and variance, and moves its stored ones towards them. So the loss is not that of the model one has,
# validation disagrees with it, and after the training the frozen body, which others may share, answers otherwise.
# The same mode meets a second fault: without `scale` or `center` the layer predicts, and fails in `fit`, frozen or not. Keras's Inception V3
# has no `scale`, so nothing can be trained on top of it.
# Seen, learning rate 0, one step of 4 samples (column means 20 and 40), a frozen layer with momentum 0.5, stored mean 0 0, variance 1 1:
#   loss in fit 4.00, the same by evaluate just before 4495.50; stored mean afterwards 10 20, variance 50.5 200.5; prediction before 29.99, after 0.00
#   a frozen layer without scale, predicts; fit: Cannot read properties of undefined (reading 'read')
# Way out: let the frozen body predict, keep what it gives, and fit the new layers on that alone.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat > look.js <<'JS'
import * as tf from "@tensorflow/tfjs";
await tf.setBackend("cpu");
const samples = tf.tensor2d([[10, 20], [30, 60], [10, 20], [30, 60]]);
const targets = tf.zeros([4, 1]);
function build(options) {
  const norm = tf.layers.batchNormalization({ inputShape: [2], momentum: 0.5, ...options });
  const body = tf.sequential({ layers: [norm] });
  norm.trainable = false;
  body.trainable = false;
  const model = tf.sequential({ layers: [body, tf.layers.dense({ units: 1, kernelInitializer: "ones" })] });
  model.compile({ optimizer: tf.train.sgd(0), loss: "meanSquaredError" });
  return { norm, model };
}
const numbers = (tensor) => [...tensor.dataSync()];
const { norm, model } = build({});
const first = () => numbers(model.predict(samples))[0].toFixed(2);
console.log("trainable weights:", model.trainableWeights.map(({ shape }) => shape.join()).join(" "));
console.log("evaluate:", numbers(model.evaluate(samples, targets))[0].toFixed(2));
const before = first();
const { history } = await model.fit(samples, targets, { verbose: 0 });
console.log("fit:", history.loss[0].toFixed(2));
const [, , mean, variance] = norm.getWeights();
console.log("stored:", numbers(mean).join(" "), numbers(variance).join(" "));
console.log("prediction:", before, first());
const plain = build({ scale: false });
console.log("without scale:", plain.model.predict(samples).shape.join());
try {
  await plain.model.fit(samples, targets, { verbose: 0 });
  console.log("without scale: fits");
} catch (error) {
  console.log("without scale:", error.message);
}
JS
node look.js 2> /dev/null | grep -E '^(trainable|evaluate|fit|stored|prediction|without)' | tee seen
diff - seen <<'TXT'
trainable weights: 2,1 1
evaluate: 4495.50
fit: 4.00
stored: 10 20 50.5 200.5
prediction: 29.99 0.00
without scale: 4,1
without scale: Cannot read properties of undefined (reading 'read')
TXT
