#!/usr/bin/env bash
# TensorFlow.js 4.22.0 (layers API): AlphaDropout puts what it drops to the wrong end: the mean, which it is there to keep, moves by almost a deviation.
#
# Networks with SELU keep a mean of 0 and a variance of 1 by themselves, and AlphaDropout drops without disturbing that: what is dropped becomes SELU's lowest value, -1.758, and an
# affine step restores mean and variance. A guess: both are kept. The constant stands here without its minus, so dropped numbers become 1.758, a value SELU's outputs
# have now and then, and the step that was made for the other sign adds to it. The variance stays 1, by which a test would see nothing.
# Seen, 40,000 numbers of mean 0 and variance 1 (right: mean 0 each time), mean after training's pass: rate 0.05: 0.17    0.1: 0.32    0.3: 0.90    0.5: 1.56
#   a zero, rate 0.3: kept 0.454 (right), dropped 1.968 (right: -1.060)
# Way out: a custom layer; or Dropout, with which SELU's balance is lost all the same.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat > look.js <<'JS'
import * as tf from "@tensorflow/tfjs";
await tf.setBackend("cpu");
const drop = (rate, x) => tf.layers.alphaDropout({ rate }).apply(x, { training: true });
const seen = {};
for (const rate of [0.05, 0.1, 0.3, 0.5]) {
  const { mean, variance } = tf.moments(drop(rate, tf.randomNormal([40000], 0, 1, "float32", 1)));
  seen[rate] = [mean, variance].map((value) => value.dataSync()[0]);
}
const values = [...new Set(Array.from(drop(0.3, tf.zeros([200])).dataSync(), (n) => n.toFixed(3)))].sort();
const lowest = -1.6732632423543772 * 1.0507009873554805;
const scale = ((1 - 0.3) * (1 + 0.3 * lowest ** 2)) ** -0.5;
const right = [scale * lowest - scale * lowest * 0.3, -scale * lowest * 0.3].map((n) => n.toFixed(3));
console.log(`TensorFlow.js ${tf.version.tfjs}: mean and variance`, seen, "of zeros:", values.join(" "), "right:", right.join(" "));
const means = [0.17, 0.32, 0.9, 1.56];
const isAsSeen = Object.values(seen).every(([mean, variance], i) => Math.abs(mean - means[i]) < 0.05 && Math.abs(variance - 1) < 0.05) && values.join(" ") === "0.454 1.968" && right.join(" ") === "-1.060 0.454";
if (!isAsSeen) throw new Error("this has changed");
JS
node look.js 2> errors || { cat errors; exit 1; }
