#!/usr/bin/env bash
# TensorFlow.js 4.22.0 (layers API): a Softmax layer without options works along axis 1, where Keras's works along the last one.
#
# Guess: `tf.layers.softmax()` is Keras's `Softmax()`, whose axis is -1 by default. Seen: its saved configuration says "axis": 1. Behind
# vectors [N, C] both are the same. Behind maps [N, H, W, C], where Keras gives probabilities of the channels, TensorFlow.js refuses to
# predict: "Softmax along a non-last dimension is not yet supported". A reader of `model.json` that takes a missing axis for the last one
# must still read the one that is written; a writer of models has to give `axis: -1`, with which the same layer answers.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat > look.js <<'JS'
import * as tf from "@tensorflow/tfjs";
await tf.setBackend("cpu");
const maps = (options) => tf.sequential({ layers: [tf.layers.softmax({ inputShape: [2, 2, 3], ...options })] });
console.log("written axis:", tf.layers.softmax().getConfig().axis);
try {
  maps({}).predict(tf.ones([1, 2, 2, 3]));
  console.log("by default: answers");
} catch (error) {
  console.log("by default:", error.message.split(".")[0]);
}
console.log("axis -1:", maps({ axis: -1 }).predict(tf.ones([1, 2, 2, 3])).dataSync()[0].toFixed(4));
JS
node look.js 2> /dev/null | grep -E '^(written|by default|axis)' | tee seen
diff - seen <<'TXT'
written axis: 1
by default: Softmax along a non-last dimension is not yet supported
axis -1: 0.3333
TXT
