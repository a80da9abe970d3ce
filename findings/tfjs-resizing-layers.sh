#!/usr/bin/env bash
# TensorFlow.js 4.22.0: the layers that resize take three different grids, and none is that of Keras's layers of the same names.
#
# A guess: a Keras model behaves alike in both. Keras from TensorFlow 2 on has the middles of pixels stay middles, in Resizing and UpSampling2D.
# Seen, of the row 0 10 20 30 made 8 wide, bilinear (Keras: 0 2.5 7.5 12.5 17.5 22.5 27.5 30, which is tf.image.resizeBilinear with halfPixelCenters):
#   UpSampling2D:                          0 5 10 15 20 25 30 30: by corners, a quarter of a pixel of the source off
#   Resizing:                              0 4.29 8.57 12.86 17.14 21.43 25.71 30: first and last pixel stay, the others are spread
#   Resizing, cropToAspectRatio = true:    as UpSampling2D, and nothing is cropped; the option chooses the grid alone
# So who moves landmarks or heat maps with them is off, and the option that should keep faces from being squeezed squeezes them all the same: of 2 x 4
# pixels made 2 x 2, Keras crops to the columns 10 and 20.
#   Resizing to 2 x 2 with cropToAspectRatio: 0 20 in each row
# And that is the layer by itself (`apply`): a model with it is built without a word, says its result is [2,8,4] (right: [null,2,8,1]), and cannot predict:
#   Error in resizeBilinear: x must be rank 3 or 4, but got rank 1
# (Of the grid of tf.image.resizeBilinear by default: tensorflow/tfjs, issues 1729 and 4364.)
# Way out: resize before the model, with tf.image.resizeBilinear and halfPixelCenters = true.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat > look.js <<'JS'
import * as tf from "@tensorflow/tfjs";
await tf.setBackend("cpu");
const text = (tensor) => [...tensor.dataSync()].map((value) => Number(value.toFixed(2))).join(" ");
const row = tf.tensor([0, 10, 20, 30], [1, 1, 4, 1]);
const rows = tf.concat([row, row], 1);
const resizing = (width, options) => tf.layers.resizing({ height: 2, width, interpolation: "bilinear", ...options });
const first = (tensor) => text(tensor.slice([0, 0, 0, 0], [1, 1, -1, 1]));
console.log("half pixels:", text(tf.image.resizeBilinear(row, [1, 8], false, true)));
console.log("upsampling:", text(tf.layers.upSampling2d({ size: [1, 2], interpolation: "bilinear" }).apply(row)));
console.log("resizing:", first(resizing(8, {}).apply(rows)));
console.log("resizing, cropped:", first(resizing(8, { cropToAspectRatio: true }).apply(rows)));
console.log("resizing, square:", first(resizing(2, { cropToAspectRatio: true }).apply(rows)));
const model = tf.sequential({ layers: [tf.layers.inputLayer({ inputShape: [2, 4, 1] }), resizing(8, {})] });
console.log("model:", model.outputShape.join());
try {
  console.log("model:", text(model.predict(rows)));
} catch (error) {
  console.log("model:", error.message);
}
JS
node look.js 2> /dev/null | grep -E '^(half|upsampling|resizing|model)' | tee seen
diff - seen <<'TXT'
half pixels: 0 2.5 7.5 12.5 17.5 22.5 27.5 30
upsampling: 0 5 10 15 20 25 30 30
resizing: 0 4.29 8.57 12.86 17.14 21.43 25.71 30
resizing, cropped: 0 5 10 15 20 25 30 30
resizing, square: 0 20
model: 2,8,4
model: Error in resizeBilinear: x must be rank 3 or 4, but got rank 1.
TXT
