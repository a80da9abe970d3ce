#!/usr/bin/env bash
# TensorFlow.js 4.22.0: tf.randomGamma multiplies by the inverse scale: draws with beta 3 are nine times as large as documented, and as TensorFlow's.
#
# tf.randomGamma(shape, alpha, beta) has TensorFlow's arguments and documents beta as "the inverse scale parameter", so that the mean is alpha / beta. A guess: it is. It is
# alpha * beta, and nothing shows it at the default of 1. Mixing weights of augmentations (a Dirichlet or beta distribution is made of gamma draws) stay right, since
# a common factor cancels there; noise of a chosen strength, simulated waiting times and priors do not.
# Seen, means and variances of 4,000 draws (right): alpha 2, beta 3: 6.0 and 18.7 (0.67 and 0.22)    alpha 0.5, beta 2: 1.0 and 2.0 (0.25 and 0.13)
#   alpha 0.5, beta 1: 0.51 and 0.51 (0.5 and 0.5)
# Way out: 1 / beta for beta.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @tensorflow/tfjs@4.22.0
cat > look.js <<'JS'
import * as tf from "@tensorflow/tfjs";
await tf.setBackend("cpu");
let isAsSeen = true;
for (const [alpha, beta] of [[2, 3], [0.5, 2], [0.5, 1]]) {
  const { mean, variance } = tf.moments(tf.randomGamma([4000], alpha, beta, "float32", 1));
  const [seen, spread] = [mean, variance].map((value) => value.dataSync()[0]);
  console.log(`TensorFlow.js ${tf.version.tfjs}: alpha ${alpha}, beta ${beta}: mean ${seen.toFixed(3)} (${(alpha / beta).toFixed(3)}), variance ${spread.toFixed(3)} (${(alpha / beta ** 2).toFixed(3)})`);
  isAsSeen &&= Math.abs(seen / (alpha * beta) - 1) < 0.15 && Math.abs(spread / (alpha * beta ** 2) - 1) < 0.25;
}
if (!isAsSeen) throw new Error("this has changed");
JS
node look.js 2> errors || { cat errors; exit 1; }
