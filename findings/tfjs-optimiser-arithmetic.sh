#!/usr/bin/env bash
# TensorFlow.js 4.22.0: two optimisers whose arithmetic is not that of their names, tf.train.rmsprop with `centered` and tf.train.adadelta.
#
# Centred RMSProp divides by the root of the gradient's variance plus epsilon (TensorFlow: mean square - square of mean + epsilon). A guess: a weight
# whose gradient is 0 stays where it is, as with every optimiser without momentum. Here epsilon is taken away instead of added: where the variance is
# less than epsilon (0 for a unit that is off in the first batch, small for a late layer), the root of a negative number makes the weight NaN for ever.
# Seen, two weights of 1, gradients 2 and 0, rate 0.01, decay 0.9, epsilon 1e-7, one step:
#   centred: 0.966667 and NaN; not centred: 0.968377 and 1
#   gradient 0.0005 (variance 2e-8), centred: NaN at once; not centred: 0.985858
#
# Adadelta (Zeiler, 2012) adds the new gradient to its average, then divides by it; its steps begin small, at the root of epsilon. A guess: the first steps
# are of that size, whatever the gradient. Here the average from before this gradient is taken, which is 0 at first, and each step is the whole
# gradient times the rate: with a steady gradient it is descent without any adapting.
# Seen, gradient 2, rate 1, rho 0.95, epsilon 1e-7: after 3 steps at -6; by the paper at -0.004291
# Way out: adam, or rmsprop without `centered`.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat > look.js <<'JS'
import * as tf from "@tensorflow/tfjs";
await tf.setBackend("cpu");
function run(optimiser, weights, gradients, steps) {
  const variable = tf.variable(tf.tensor1d(weights));
  for (let step = 0; step < steps; step++) optimiser.minimize(() => variable.mul(gradients).sum());
  return [...variable.dataSync()].map((value) => Number(value.toFixed(6))).join(" ");
}
const rmsprop = (centered) => tf.train.rmsprop(0.01, 0.9, 0, 1e-7, centered);
console.log("centred:", run(rmsprop(true), [1, 1], [2, 0], 1));
console.log("not centred:", run(rmsprop(false), [1, 1], [2, 0], 1));
console.log("small gradient:", run(rmsprop(true), [1], [0.0005], 1), run(rmsprop(false), [1], [0.0005], 1));
console.log("adadelta:", run(tf.train.adadelta(1, 0.95, 1e-7), [0], [2], 3));
let [place, squares, moves] = [0, 0, 0];
for (let step = 0; step < 3; step++) {
  squares = 0.95 * squares + 0.05 * 2 ** 2;
  const move = (Math.sqrt(moves + 1e-7) / Math.sqrt(squares + 1e-7)) * 2;
  moves = 0.95 * moves + 0.05 * move ** 2;
  place -= move;
}
console.log("paper:", place.toFixed(6));
JS
node look.js 2> /dev/null | grep -E '^(centred|not centred|small|adadelta|paper)' | tee seen
diff - seen <<'TXT'
centred: 0.966667 NaN
not centred: 0.968377 1
small gradient: NaN 0.985858
adadelta: -6
paper: -0.004291
TXT
