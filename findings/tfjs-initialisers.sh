#!/usr/bin/env bash
# TensorFlow.js 4.22.0 (layers API): He's, Glorot's and LeCun's normal initialisers draw narrower weights than their formulas say, and a bound or deviation of 0 is not heeded.
#
# Their weights come from a normal distribution that is cut off at two deviations, which takes 23 % of the variance away. Keras divides the deviation by 0.8796 for that,
# so that heNormal has the variance 2 / inputs. A guess: here too, as the uniform ones of the same names are right. It is cut off and not made up for: a signal
# behind 20 layers with ReLU is a thirteenth of what it was, where He's point is that it stays. Training still begins, slowly, and nobody sees why.
# The options of plain initialisers are taken by `||`: 0 counts as not said. A uniform one from 0 to 1 begins at -0.05, a normal one of deviation 0 has 0.05.
# Seen, variance times inputs of 400 x 50 weights (right): heNormal 1.54 (2), leCunNormal 0.77 (1), heUniform 2.02 (2), leCunUniform 1.01 (1)
#   root mean square behind 20 layers of 256 with ReLU, 1 before: heNormal 0.08, heUniform 0.99
#   randomUniform({ minval: 0, maxval: 1 }): from -0.05 to 1.00    randomUniform({ minval: -1, maxval: 0 }): from -1.00 to 0.05
#   randomNormal({ mean: 1, stddev: 0 }): 0.82 to 1.18 instead of 1
# Way out: the uniform ones, or varianceScaling with 1.2926 times the scale; 1e-9 for a bound of 0.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat > look.js <<'JS'
import * as tf from "@tensorflow/tfjs";
await tf.setBackend("cpu");
const { initializers } = tf;
const number = (tensor) => tensor.dataSync()[0];
const seen = { variance: {}, behind: {}, range: {} };
for (const name of ["heNormal", "leCunNormal", "heUniform", "leCunUniform"])
  seen.variance[name] = 400 * number(tf.moments(initializers[name]({ seed: 5 }).apply([400, 50])).variance);
seen.variance["varianceScaling, scale 2 * 1.2926"] =
  400 * number(tf.moments(initializers.varianceScaling({ scale: 2 * 1.2926, mode: "fanIn", distribution: "normal", seed: 5 }).apply([400, 50])).variance);
for (const name of ["heNormal", "heUniform"]) {
  let x = tf.randomNormal([64, 256], 0, 1, "float32", 1);
  for (let layer = 0; layer < 20; layer++) x = tf.relu(tf.matMul(x, initializers[name]({ seed: 10 + layer }).apply([256, 256])));
  seen.behind[name] = Math.sqrt(number(tf.mean(tf.square(x))));
}
const range = (initializer) => {
  const values = initializer.apply([2000]);
  return [number(values.min()), number(values.max())].map((n) => n.toFixed(2)).join(" ");
};
seen.range["uniform 0 to 1"] = range(initializers.randomUniform({ minval: 0, maxval: 1, seed: 3 }));
seen.range["uniform -1 to 0"] = range(initializers.randomUniform({ minval: -1, maxval: 0, seed: 3 }));
seen.range["normal 1, 0"] = range(initializers.randomNormal({ mean: 1, stddev: 0, seed: 3 }));
console.log(`TensorFlow.js ${tf.version.tfjs}`, seen);
const isNear = (value, right) => Math.abs(value - right) < 0.05 * right;
const { variance, behind } = seen;
const isAsSeen =
  isNear(variance.heNormal, 1.548) && isNear(variance.leCunNormal, 0.774) && isNear(variance.heUniform, 2) && isNear(variance.leCunUniform, 1) &&
  isNear(variance["varianceScaling, scale 2 * 1.2926"], 2) && behind.heNormal < 0.12 && behind.heUniform > 0.8 &&
  JSON.stringify(Object.values(seen.range)) === '["-0.05 1.00","-1.00 0.05","0.82 1.18"]';
if (!isAsSeen) throw new Error("this has changed");
JS
node look.js 2> errors || { cat errors; exit 1; }
