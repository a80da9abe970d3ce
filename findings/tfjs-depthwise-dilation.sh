#!/usr/bin/env bash
# TensorFlow.js 4.22.0 (layers API): a DepthwiseConv2D layer takes `dilationRate`, checks it, saves it, and computes without it.
#
# A guess: a layer that cannot do what its configuration says refuses it. Conv2D and SeparableConv2D heed the rate, tf.depthwiseConv2d does, and so does
# Keras's layer of this name. Here the rate is not passed on: with padding "same" all shapes are right and every number is another; with "valid" the
# result is larger, and the layer says so beforehand too. No error, no warning. A network of Keras that
# sees far by dilated depthwise layers (MobileNet as the body of DeepLab, at output stride 16 or 8) loads from its model.json and answers wrongly.
# Seen, of a picture of 7 x 7 whole numbers and a filter of two corners, dilation 2: largest difference from tf.depthwiseConv2d with the same rate
#   DepthwiseConv2D, same: 116, and 0 from tf.depthwiseConv2d with rate 1; valid: [1,5,5,1] where tf.depthwiseConv2d gives [1,3,3,1]
#   SeparableConv2D, same: 0; Conv2D, same: 0
# Way out: SeparableConv2D with a pointwise identity, or a graph model, whose DepthwiseConv2dNative is dilated. Such a layer that was trained
# in TensorFlow.js has learnt without dilation, whatever its model.json says: elsewhere it is right with rate 1 alone.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat > look.js <<'JS'
import * as tf from "@tensorflow/tfjs";
await tf.setBackend("cpu");
const picture = tf.range(0, 49).reshape([1, 7, 7, 1]);
const filter = tf.tensor([1, 0, 0, 0, 0, 0, 0, 0, 2], [3, 3, 1, 1]);
const shared = { kernelSize: 3, dilationRate: 2, useBias: false };
function answer(layer, weights) {
  const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [7, 7, 1] }), layer] });
  model.setWeights(weights);
  return model.predict(picture);
}
const apart = (answered, rate) => answered.sub(tf.depthwiseConv2d(picture, filter, 1, "same", "NHWC", rate)).abs().max().dataSync()[0];
const depthwise = (padding) => tf.layers.depthwiseConv2d({ ...shared, padding });
console.log("written rate:", depthwise("same").getConfig().dilationRate.join());
console.log("depthwise:", apart(answer(depthwise("same"), [filter]), 2), "from rate 2,", apart(answer(depthwise("same"), [filter]), 1), "from rate 1");
console.log("depthwise, valid:", answer(depthwise("valid"), [filter]).shape.join());
console.log("separable:", apart(answer(tf.layers.separableConv2d({ ...shared, filters: 1, padding: "same" }), [filter, tf.ones([1, 1, 1, 1])]), 2));
console.log("convolution:", apart(answer(tf.layers.conv2d({ ...shared, filters: 1, padding: "same" }), [filter]), 2));
JS
node look.js 2> /dev/null | grep -E '^(written|depthwise|separable|convolution)' | tee seen
diff - seen <<'TXT'
written rate: 2,2
depthwise: 116 from rate 2, 0 from rate 1
depthwise, valid: 1,5,5,1
separable: 0
convolution: 0
TXT
