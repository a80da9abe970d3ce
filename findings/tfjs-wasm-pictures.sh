#!/usr/bin/env bash
# TensorFlow.js' WASM backend: dilation2d loses everything below 0, transform mirrors at the left and top to the far side, and a pool that rounds up puts its rows in the wrong places.
#
# npm @tensorflow/tfjs 4.22.0 and @tensorflow/tfjs-backend-wasm 4.22.0, Node 24. A guess: CPU and WASM agree up to roundings, as most of 265 small graphs that were tried do. They do not in
#   dilation2d, which takes a maximum and begins it with the smallest positive float instead of the lowest: what is negative everywhere comes out as 1.1755e-38 (heat maps in logits, normed pictures);
#   image.transform with fillMode "reflect": coordinates below 0, which are mirrored into the picture, come out at its other end (TensorFlow's formula is what the CPU has);
#   maxPool and avgPool with padding and dimRoundingMode "ceil": where the last window lies in the padding alone the CPU has -Infinity in it (avgPool NaN), and WASM fills the result as if it
#   had no such row and column, so that all rows but the first are shifted, and zeros are left at the end. (For other engines such windows do not count, and the result is smaller.)
# Seen, CPU and WASM:
#   dilation2d of -5 -4 -3, -2 -1 -6, -7 -8 -9 by zeros of 3 x 3: -1 everywhere; 1.1755e-38 everywhere
#   transform of the row 1 2 3 4, to the right by 2.3, nearest, reflect: 2 1 1 2 (right); 4 4 4 2      to the left by 2.3: 3 4 4 3 both      wrap, nearest and constant: the same
#   maxPool 2 x 2, strides 2, pads 1, "ceil", of 1 to 25 as 5 x 5, the first two of four rows: 1 3 5 -Infinity 11 13 15 -Infinity; 1 3 5 11 13 15 21 23
#   the same with "floor": 1 3 5 11 13 15 21 23 25 both
# Way out: fillMode "nearest"; pools by "floor" behind tf.pad; dilation2d of x + c for a c that makes all positive.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0
cat > look.js <<'JS'
const tf = require("@tensorflow/tfjs");
require("@tensorflow/tfjs-backend-wasm");
const show = (tensor, count) => Array.from(tensor.dataSync().slice(0, count), (n) => Number(n.toPrecision(5))).join(" ");
async function look(backend) {
  await tf.setBackend(backend);
  await tf.ready();
  if (tf.getBackend() !== backend) throw new Error(`${backend} is not there`);
  const negative = tf.tensor4d([-5, -4, -3, -2, -1, -6, -7, -8, -9], [1, 3, 3, 1]);
  const rows = tf.tensor4d([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4], [1, 4, 4, 1]);
  const move = (by, mode) => show(tf.image.transform(rows, tf.tensor2d([[1, 0, by, 0, 1, 0, 0, 0]]), "nearest", mode, 0), 4);
  const numbers = tf.range(1, 26).reshape([1, 5, 5, 1]);
  return {
    dilation: show(tf.dilation2d(negative, tf.zeros([3, 3, 1]), 1, "same", 1), 9),
    "dilation, + 10, - 10": show(tf.dilation2d(negative.add(10), tf.zeros([3, 3, 1]), 1, "same", 1).sub(10), 9),
    right: move(-2.3, "reflect"),
    left: move(2.3, "reflect"),
    others: ["wrap", "nearest", "constant"].map((mode) => move(-2.3, mode)).join(", "),
    ceil: show(tf.maxPool(numbers, 2, 2, 1, "ceil"), 8),
    "ceil, avg": show(tf.avgPool(numbers, 2, 2, 1, "ceil"), 8),
    floor: show(tf.maxPool(numbers, 2, 2, 1, "floor"), 9),
  };
}
(async () => {
  const seen = { cpu: await look("cpu"), wasm: await look("wasm") };
  console.log(`TensorFlow.js ${tf.version.tfjs}`, seen);
  const same = { "dilation, + 10, - 10": Array(9).fill(-1).join(" "), left: "3 4 4 3", others: "3 4 4 2, 1 1 1 2, 0 0 1 2", floor: "1 3 5 11 13 15 21 23 25" };
  const expected = {
    cpu: { ...same, dilation: Array(9).fill(-1).join(" "), right: "2 1 1 2", ceil: "1 3 5 -Infinity 11 13 15 -Infinity", "ceil, avg": "1 2.5 4.5 NaN 8.5 10 12 NaN" },
    wasm: { ...same, dilation: Array(9).fill("1.1755e-38").join(" "), right: "4 4 4 2", ceil: "1 3 5 11 13 15 21 23", "ceil, avg": "1 2.5 4.5 8.5 10 12 18.5 20" },
  };
  for (const backend of ["cpu", "wasm"]) for (const [name, value] of Object.entries(expected[backend])) if (seen[backend][name] !== value) throw new Error("this has changed");
})();
JS
node look.js 2> errors || { cat errors; exit 1; }
