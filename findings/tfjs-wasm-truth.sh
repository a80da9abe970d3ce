#!/usr/bin/env bash
# TensorFlow.js' WASM backend cuts numbers to a byte to make them true or false: 0.9 and 256 are false, -1 is 255 times true; and ReLU6 and clipping turn NaN into the lower bound.
#
# npm @tensorflow/tfjs 4.22.0 and @tensorflow/tfjs-backend-wasm 4.22.0, Node 24. Backends are interchangeable: a page takes WebGL, WASM or the CPU as it finds them. A guess: they agree up to roundings. On the CPU
# (and in TensorFlow) all but 0 is true, NaN too, and true is 1. On WASM a cast to bool is a cast to a byte: fractions fall off, 256 is 0, and what is left counts as it is. So a mask
# made of probabilities is empty, its sum is too large, its negation is 254 where it should be false, `equal` with true fails and `all` of three true ones is false. Second, relu6 and
# clipByValue of NaN are the lower bound, and maximum depends on the order of its arguments: a network that has gone to NaN looks well behind a MobileNet's activations.
# Seen (CPU), each of 0.3, 2, -1 cast to bool, then:
#   as float: 0 2 255 (1 1 1)      sum: 257 (3)      logicalNot: 1 3 254 (0 0 0)      equal to true: 0 2 255 (1 1 1)      all: false (true)      where(mask, 1, 0): 0 1 1 (1 1 1)
#   whole numbers 1 256 512: 1 0 0 (1 1 1)
# of NaN -1 7: relu6 0 0 6 (NaN 0 6)      clipByValue to 0, 6: 0 0 6 (NaN 0 6)      maximum(x, 1): NaN 1 7 (the same)      maximum(1, x): 1 1 7 (NaN 1 7)      relu: NaN 0 7 (the same)
# Way out: tf.notEqual(x, 0) instead of a cast; tf.isNaN before.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0
cat > look.js <<'JS'
const tf = require("@tensorflow/tfjs");
require("@tensorflow/tfjs-backend-wasm");
async function look(backend) {
  await tf.setBackend(backend);
  await tf.ready();
  if (tf.getBackend() !== backend) throw new Error(`${backend} is not there`);
  const numbers = tf.tensor1d([0.3, 2, -1]);
  const mask = tf.cast(numbers, "bool");
  const yes = tf.tensor1d([true, true, true], "bool");
  const x = tf.tensor1d([NaN, -1, 7]);
  const results = {
    float: tf.cast(mask, "float32"),
    sum: tf.sum(mask),
    not: tf.logicalNot(mask),
    equal: tf.equal(mask, yes),
    all: tf.all(mask),
    where: tf.where(mask, tf.ones([3]), tf.zeros([3])),
    whole: tf.cast(tf.cast(tf.tensor1d([1, 256, 512], "int32"), "bool"), "float32"),
    notEqual: tf.cast(tf.notEqual(numbers, 0), "float32"),
    relu6: tf.relu6(x),
    clip: tf.clipByValue(x, 0, 6),
    "maximum(x, 1)": tf.maximum(x, 1),
    "maximum(1, x)": tf.maximum(1, x),
    relu: tf.relu(x),
  };
  return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, Array.from(tensor.dataSync(), Number).join(" ")]));
}
(async () => {
  const seen = { cpu: await look("cpu"), wasm: await look("wasm") };
  console.log(`TensorFlow.js ${tf.version.tfjs}`, seen);
  const same = { notEqual: "1 1 1", "maximum(x, 1)": "NaN 1 7", relu: "NaN 0 7" };
  const expected = {
    cpu: { ...same, float: "1 1 1", sum: "3", not: "0 0 0", equal: "1 1 1", all: "1", where: "1 1 1", whole: "1 1 1", relu6: "NaN 0 6", clip: "NaN 0 6", "maximum(1, x)": "NaN 1 7" },
    wasm: { ...same, float: "0 2 255", sum: "257", not: "1 3 254", equal: "0 2 255", all: "0", where: "0 1 1", whole: "1 0 0", relu6: "0 0 6", clip: "0 0 6", "maximum(1, x)": "1 1 7" },
  };
  for (const backend of ["cpu", "wasm"]) for (const [name, value] of Object.entries(expected[backend])) if (seen[backend][name] !== value) throw new Error("this has changed");
})();
JS
node look.js 2> errors || { cat errors; exit 1; }
