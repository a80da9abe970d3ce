#!/usr/bin/env bash
# jax-js: a class of -1 is every class at once, the largest of numbers with a NaN lies behind their end, the last element is the first, and a sure answer has an infinite loss.
#
# npm @jax-js/jax 0.1.25 (wasm), Node 24. The package has JAX's and NumPy's functions under their names, and promises close compatibility. A guess: the same numbers, or a refusal. Seen (NumPy or JAX):
#   nn.oneHot of 0 2 -1 3, three classes: 1 0 0, 0 0 1, 1 1 1, 0 0 0 (0 0 0 for -1); -1 often stands for "no label", which becomes all labels
#   argmax, argmin of 1 NaN 3: 3, which is no index of it (1)
#   take of 1 2 3, indices -1 -2 0: 1 1 1 (3 2 1)
#   nn.softplus(88 89): 88 Infinity (88 89)           nn.logSigmoid(-88 -89): -88 -Infinity (-88 -89)           its gradients at -100 and -50: NaN 1 (1 1)
#   arcsinh(-1000 -5000 1000): -7.625 -Infinity 7.601 (-7.601 -9.210 7.601)
# logSigmoid is what a binary cross entropy of logits is made of: one answer that is wrong and sure makes the loss infinite and all weights NaN, which JAX's own formula is there to prevent.
# (That arange(0, 1, 0.25) is 0 0 0 0 here is documented.)
# Way out: np.where for labels and indices; -logaddexp(0, -x) for logSigmoid.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @jax-js/jax@0.1.25
cat > look.js <<'JS'
import { readFileSync } from "node:fs";
import { defaultDevice, grad, init, nn, numpy } from "@jax-js/jax";
await init();
defaultDevice("wasm");
const floats = (...list) => numpy.array(list);
const whole = (...list) => numpy.array(list, { dtype: numpy.int32 });
const results = {
  oneHot: nn.oneHot(whole(0, 2, -1, 3), 3),
  take: numpy.take(floats(1, 2, 3), whole(-1, -2, 0)),
  argmax: numpy.argmax(floats(1, NaN, 3)),
  argmin: numpy.argmin(floats(1, NaN, 3)),
  softplus: nn.softplus(floats(88, 89)),
  logSigmoid: nn.logSigmoid(floats(-88, -89)),
  gradients: grad((x) => numpy.sum(nn.logSigmoid(x)))(floats(-100, -50)),
  "gradients, logaddexp": grad((x) => numpy.sum(numpy.logaddexp(0, x.neg()).neg()))(floats(-100, -50)),
  arcsinh: numpy.arcsinh(floats(-1000, -5000, 1000)),
  "-logaddexp(0, -x)": numpy.logaddexp(floats(0), floats(89)),
};
const seen = {};
for (const [name, result] of Object.entries(results)) {
  seen[name] = Array.from(await result.data(), (n) => Number(n.toFixed(3))).join(" ");
}
console.log(`jax-js ${JSON.parse(readFileSync("node_modules/@jax-js/jax/package.json", "utf8")).version}`, seen);
const expected = {
  oneHot: "1 0 0 0 0 1 1 1 1 0 0 0",
  take: "1 1 1",
  argmax: "3",
  argmin: "3",
  softplus: "88 Infinity",
  logSigmoid: "-88 -Infinity",
  gradients: "NaN 1",
  "gradients, logaddexp": "1 1",
  arcsinh: "-7.625 -Infinity 7.601",
  "-logaddexp(0, -x)": "89",
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node look.js 2> errors || { cat errors; exit 1; }
