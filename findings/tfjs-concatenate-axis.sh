#!/usr/bin/env bash
# TensorFlow.js 4.22.0 (layers API): a Concatenate layer joins along the last axis, whatever axis from the end it is told.
#
# A guess: -2 is the last axis but one, as in Keras, in tf.concat and in this layer's own `computeOutputShape`. Seen, of two values [1,2,3,4]:
#   axis -2: the layer says [2,6,4] and makes [2,3,8]; axis -3: it says [4,3,4] and makes [2,3,8]; axes 1, 2, 3 and -1 are right
# No error, no warning: with as many channels behind it as before, or behind a Flatten, everything fits. A model of Keras that joins the rows or columns of
# two maps by a negative axis (halves of a face, a picture and its mirror image side by side) loads from its model.json and answers wrongly.
# Way out: count the axis from the first one. What was trained in TensorFlow.js with such an axis is right elsewhere with -1.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat > look.js <<'JS'
import * as tf from "@tensorflow/tfjs";
await tf.setBackend("cpu");
for (const axis of [-1, -2, -3, 3, 2, 1]) {
  const inputs = [tf.input({ shape: [2, 3, 4] }), tf.input({ shape: [2, 3, 4] })];
  const outputs = tf.layers.concatenate({ axis }).apply(inputs);
  const made = tf.model({ inputs, outputs }).predict([tf.ones([1, 2, 3, 4]), tf.ones([1, 2, 3, 4])]);
  console.log(`axis ${axis}: said ${outputs.shape.slice(1)}, made ${made.shape.slice(1)}`);
}
JS
node look.js 2> /dev/null | grep axis | tee seen
diff - seen <<'TXT'
axis -1: said 2,3,8, made 2,3,8
axis -2: said 2,6,4, made 2,3,8
axis -3: said 4,3,4, made 2,3,8
axis 3: said 2,3,8, made 2,3,8
axis 2: said 2,6,4, made 2,6,4
axis 1: said 4,3,4, made 4,3,4
TXT
