#!/usr/bin/env bash
# TensorFlow.js 4.22.0 (CPU): gradients that are not those of what was computed. No error; a training runs, and goes elsewhere.
#
# A guess: what tf.grad gives is the derivative, as finite differences show; 159 small graphs were compared so. It is not for
#   avgPool and avgPool3d with padding: forwards a window at the border is divided by the pixels that it has, as TensorFlow does it; backwards by its whole
#     size. So borders and corners of every map before a pool of "same" (Inception's have one in each block) learn too slowly
#   mirrorPad: the mirrored pixels give nothing back
#   resizeBilinear and resizeNearestNeighbor with halfPixelCenters: backwards on the grid without
#   cumsum along another axis than the last: transposed; noticed where the sides differ, silent where they are the same
# and resizeBilinear, backwards, has height and width interchanged: of a picture that is not square the gradient is refused.
# Seen, gradients of the result's sum, or of one of its values:
#   avgPool 3 x 3, same, stride 1, of 3 x 3: corner 0.4444 (right 0.6944), edge 0.6667 (right 1.1111), middle 1 (right 1.7778)
#   mirrorPad by 1, reflect, of 3: 1 1 1 (right 1 3 1)
#   resizeBilinear 2 x 2 to 4 x 4, half pixels, of the value at [1][1]: 0.25 0.25 0.25 0.25 (right 0.5625 0.1875 0.1875 0.0625)
#   resizeNearestNeighbor 4 x 4 to 2 x 2, half pixels, of the value at [0][0]: 1 for pixel 0 (right: 1 for pixel 5, whose value it is)
#   cumsum along axis 0, 2 x 2, of the value [0][1]: 0 0 1 0 (right 0 1 0 0)
# Way out: pool with padding made by tf.pad and a mask; mirror by tf.reverse, tf.slice and tf.concat; no half pixels on trained paths.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat > look.js <<'JS'
import * as tf from "@tensorflow/tfjs";
await tf.setBackend("cpu");
const text = (tensor) => [...tensor.dataSync()].map((value) => Number(value.toFixed(4))).join(" ");
const one = (index, shape) => tf.oneHot(tf.scalar(index, "int32"), shape.reduce((a, b) => a * b)).reshape(shape);
/** The gradient of the sum, or of the value at an index; and what finite differences say. */
function compare(name, shape, compute, index) {
  const scalar = (x) => {
    const y = compute(x);
    return index === undefined ? y.sum() : y.mul(one(index, y.shape)).sum();
  };
  const size = shape.reduce((a, b) => a * b);
  const start = tf.range(0, size).div(size).reshape(shape);
  const right = Array.from({ length: size }, (_, i) => {
    const step = one(i, shape).mul(0.25);
    return scalar(start.add(step)).sub(scalar(start.sub(step))).div(0.5);
  });
  try {
    console.log(`${name}: ${text(tf.grad(scalar)(start))} | ${text(tf.stack(right))}`);
  } catch (error) {
    console.log(`${name}: ${error.message.split(". ")[1]}`);
  }
}
compare("avgPool", [1, 3, 3, 1], (x) => tf.avgPool(x, 3, 1, "same"));
compare("mirrorPad", [3], (x) => tf.mirrorPad(x, [[1, 1]], "reflect"));
compare("resizeBilinear", [1, 2, 2, 1], (x) => tf.image.resizeBilinear(x, [4, 4], false, true), 5);
compare("resizeBilinear, not square", [1, 1, 2, 1], (x) => tf.image.resizeBilinear(x, [1, 4]));
compare("resizeNearestNeighbor", [1, 4, 4, 1], (x) => tf.image.resizeNearestNeighbor(x, [2, 2], false, true), 0);
compare("cumsum", [2, 2], (x) => tf.cumsum(x, 0), 1);
compare("cumsum, last axis", [2, 2], (x) => tf.cumsum(x, 1), 1);
JS
node look.js 2> /dev/null | grep -E '^(avgPool|mirrorPad|resize|cumsum)' | tee seen
diff - seen <<'TXT'
avgPool: 0.4444 0.6667 0.4444 0.6667 1 0.6667 0.4444 0.6667 0.4444 | 0.6944 1.1111 0.6944 1.1111 1.7778 1.1111 0.6944 1.1111 0.6944
mirrorPad: 1 1 1 | 1 3 1
resizeBilinear: 0.25 0.25 0.25 0.25 | 0.5625 0.1875 0.1875 0.0625
resizeBilinear, not square: The gradient of input 'images' has shape '1,2,1,1', which does not match the shape of the input '1,1,2,1'
resizeNearestNeighbor: 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 | 0 0 0 0 0 1 0 0 0 0 0 0 0 0 0 0
cumsum: 0 0 1 0 | 0 1 0 0
cumsum, last axis: 1 1 0 0 | 1 1 0 0
TXT
