#!/usr/bin/env bash
# ONNX Runtime throws one coin for two: Bernoulli nodes of the same probabilities give the same draws.
#
# npm onnxruntime-node 1.30.0 (CPU), ONNX opset 17; onnxruntime-web 1.30.0 (WASM) does the same. A guess: two random nodes without a seed are two draws, as
# two RandomUniformLike nodes are, or two Multinomial ones. Bernoulli is not among what the engine knows to be random: from the level "basic" on
# equal nodes are taken for one expression and computed once. Stochastic depth, dropout that is written out, and sampled masks then
# drop the same units in each layer that has the same rate, and an ensemble of such samples has no spread.
# Seen, two nodes, 4,000 probabilities of 0.5, how many draws are equal:
#   Bernoulli:             disabled about 2,000; basic and all 4,000
#   RandomUniformLike > p: about 2,000 at each level
# Way out: a seed of its own for each node, the comparison written out, or the setting
# extra.optimization.disable_specified_optimizers = "CommonSubexpressionElimination".
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error onnxruntime-node@1.30.0 > /dev/null
cat > run.cjs <<'JS'
const ort = require("onnxruntime-node");
// A protocol buffer by hand: field number and wire type, then a varint or a length and bytes.
const varint = (n) => { const out = []; for (; n > 127; n = Math.floor(n / 128)) out.push((n % 128) | 128); return Buffer.from([...out, n]); };
const number = (field, n) => Buffer.concat([varint(field * 8), varint(n)]);
const block = (field, ...parts) => { const body = Buffer.concat(parts.map((part) => Buffer.from(part))); return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]); };
const value = (field, name, type) => block(field, block(1, name), block(2, block(1, number(1, type), block(2, block(1, number(1, 4000))))));
const node = (op, inputs, output, ...attributes) => block(1, ...inputs.map((name) => block(1, name)), block(2, output), block(4, op), ...attributes);
const seed = (n) => block(5, block(1, "seed"), varint(2 * 8 + 5), Buffer.from(Float32Array.of(n).buffer), number(20, 1));
const toFloat = block(5, block(1, "to"), number(3, 1), number(20, 2));
const coin = {
  Bernoulli: (name) => [node("Bernoulli", ["p"], name)],
  seeded: (name) => [node("Bernoulli", ["p"], name, seed(name === "first" ? 1 : 2))],
  compared: (name) => [node("RandomUniformLike", ["p"], `${name}Drawn`), node("Less", [`${name}Drawn`, "p"], `${name}Heads`), node("Cast", [`${name}Heads`], name, toFloat)],
};
const model = (way) => Buffer.concat([
  number(1, 8),
  block(7, ...coin[way]("first"), ...coin[way]("second"), node("Equal", ["first", "second"], "isSame"), block(2, "g"), value(11, "p", 1), value(12, "isSame", 9)),
  block(8, block(1, ""), number(2, 17)),
]);
const countEqual = async (way, options) => {
  const session = await ort.InferenceSession.create(model(way), options);
  const { isSame } = await session.run({ p: new ort.Tensor("float32", new Float32Array(4000).fill(0.5), [4000]) });
  return isSame.data.reduce((sum, n) => sum + n, 0);
};
const ways = { disabled: { graphOptimizationLevel: "disabled" }, basic: { graphOptimizationLevel: "basic" }, all: { graphOptimizationLevel: "all" }, without: { extra: { optimization: { disable_specified_optimizers: "CommonSubexpressionElimination" } } } };
(async () => {
  const seen = {};
  for (const [way, options] of Object.entries(ways)) seen[way] = [await countEqual("Bernoulli", options), await countEqual("seeded", options), await countEqual("compared", options)];
  console.log("onnxruntime-node", require("onnxruntime-node/package.json").version, seen);
  // Six standard deviations to either side of a half.
  const isHalf = (n) => n > 1810 && n < 2190;
  if (!Object.entries(seen).every(([way, [plain, ...others]]) => others.every(isHalf) && (way === "basic" || way === "all" ? plain === 4000 : isHalf(plain)))) throw new Error("this has changed");
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs 2> /dev/null
