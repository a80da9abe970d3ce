#!/usr/bin/env bash
# TensorFlow.js 4.22.0 (layers API): Dropout with a seed drops the same units in every step of a training; they are never learnt, and the others never work without them.
#
# A seed is what one sets to be able to repeat a training. A guess: the sequence of masks is the same in each run, and the masks differ, as in Keras, and as in the random
# layers beside it here (GaussianDropout, AlphaDropout, GaussianNoise). Dropout and SpatialDropout1D begin with the seed again at each call. As long as the batch has one size there is one
# mask for the whole training: of each row of the batch always the same half. Rows are shuffled, so that this passes for dropout; with a batch of one, as in
# learning on the go, half of the network is cut away. In prediction all units speak, the untrained ones with what chance gave them.
# Seen, rate 0.5, seed 7, 12 units, three calls: 000200002022 each time    without a seed: three masks
#   a dense layer behind it, weights 0 at first, ones to learn, 50 steps: 0.125 for the four units that are let through, 0 for eight, and 0.5 is told for 1
# Way out: no seed, and tf.randomUniform's or one's own draws where a run has to be repeated.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat > look.js <<'JS'
import * as tf from "@tensorflow/tfjs";
await tf.setBackend("cpu");
const calls = (layer, shape) => Array.from({ length: 3 }, () => Array.from(layer.apply(tf.ones(shape), { training: true }).dataSync(), (n) => n.toFixed(0)).join(""));
const different = (layer, shape = [1, 12]) => new Set(calls(layer, shape)).size;
const { layers } = tf;
const options = { rate: 0.5, seed: 7 };
const seen = {
  dropout: calls(layers.dropout(options), [1, 12]).join(" "),
  "dropout without a seed": different(layers.dropout({ rate: 0.5 }), [1, 50]) > 1,
  spatial: different(layers.spatialDropout1d(options), [1, 2, 12]),
  gaussian: different(layers.gaussianDropout(options), [1, 50]) > 1,
  noise: different(layers.gaussianNoise({ stddev: 5, seed: 7 }), [1, 50]) > 1,
};
const model = tf.sequential({ layers: [layers.dropout({ ...options, inputShape: [12] }), layers.dense({ units: 1, useBias: false, kernelInitializer: "zeros" })] });
model.compile({ loss: "meanSquaredError", optimizer: tf.train.sgd(0.05) });
await model.fit(tf.ones([1, 12]), tf.ones([1, 1]), { epochs: 50, verbose: 0 });
seen.weights = Array.from(model.getWeights()[0].dataSync(), (n) => Number(n.toFixed(3))).join(" ");
seen.told = Number(model.predict(tf.ones([1, 12])).dataSync()[0].toFixed(3));
console.log(`TensorFlow.js ${tf.version.tfjs}`, seen);
const expected = {
  dropout: "000200002022 000200002022 000200002022",
  "dropout without a seed": true,
  spatial: 1,
  gaussian: true,
  noise: true,
  weights: "0 0 0 0.125 0 0 0 0 0.125 0 0.125 0.125",
  told: 0.5,
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node look.js 2> errors || { cat errors; exit 1; }
