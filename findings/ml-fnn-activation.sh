#!/usr/bin/env bash
# ml-fnn has fourteen activation functions to choose from, and takes tanh whichever is chosen; and regularization 0 is 0.01.
#
# npm ml-fnn 5.0.0, Node 24. `activation` is documented with names from 'identity' to 'soft-exponential'. A guess: the network has the one that was asked for, and an unknown name is refused, or at least
# noticed. Whether a name is known is asked with `in` of the list of names, which looks among the list's places 0, 1, 2 ..., not among the names: no name is ever found, and what is not found becomes tanh. Numbers with
# a default are taken with ||, so that 0 is the default. Seen, the weights drawn alike each time:
#   activation relu, logistic, identity, softplus, arctan, exponential-relu:      model.activation "tanh", and the weights after the training are those of tanh to the last digit
#   regularization 0:      0.01
# Comparisons of activation functions find them all equally good.
# Way out: none among the options.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-fnn@5.0.0 > /dev/null
cat > run.cjs <<'JS'
let state = 3;
Math.random = () => {
  state = (state + 0x6d_2b_79_f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};
const loaded = require("ml-fnn");
const Network = loaded.default ?? loaded;
const train = (options) => {
  state = 3;
  const network = new Network({ hiddenLayers: [4], iterations: 20, ...options });
  network.train([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]);
  return network;
};
const weights = (network) => JSON.stringify(network.toJSON().layers.map(({ W, b }) => [W, b]));
const usual = weights(train({}));
const seen = {};
for (const activation of ["relu", "logistic", "identity", "softplus", "arctan", "exponential-relu"]) {
  const network = train({ activation });
  seen[activation] = [network.activation, weights(network) === usual].join(" ");
}
seen["regularization 0"] = train({ regularization: 0 }).regularization;
if (weights(train({ learningRate: 0.02 })) === usual) throw new Error("the options do nothing at all");
console.log("ml-fnn", require("./node_modules/ml-fnn/package.json").version, seen);
const expected = {
  relu: "tanh true", logistic: "tanh true", identity: "tanh true", softplus: "tanh true", arctan: "tanh true", "exponential-relu": "tanh true", "regularization 0": 0.01,
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
