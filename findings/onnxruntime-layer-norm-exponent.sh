#!/usr/bin/env bash
# ONNX Runtime sees a layer norm in any power: deviations to the fourth, or to the first, become squares.
#
# npm onnxruntime-node 1.30.0 (CPU), ONNX opset 17; onnxruntime-web 1.30.0 (WASM) does the same. A layer norm that is written out is ReduceMean, Sub, Pow,
# ReduceMean, Add, Sqrt, Div, Mul and Add. A guess: what is made of it is LayerNormalization where the Pow's exponent is 2, and left alone where it is
# not; the shorter form without the first mean (SimplifiedLayerNormalization) is treated so. Seen: the exponent is not looked at, though it is a constant of
# the file. Norms that weigh outliers more, or trained with another exponent, answer as a usual layer norm does, without an error.
# Seen, x = 1 2 3 6, scale 1, shift 0, epsilon 1e-5 (deviations -2 -1 0 3):
#   exponent 2: all levels      -1.069 -0.535 0 1.604
#   exponent 4: disabled   -0.404 -0.202 0 0.606 (divided by the root of the mean of 16 1 0 81); basic and all -1.069 -0.535 0 1.604
#   exponent 2 without the first mean: all levels 0.283 0.566 0.849 1.697
#   exponent 4 without the first mean: all levels 0.054 0.107 0.161 0.321
# Way out: the setting extra.optimization.disable_specified_optimizers = "LayerNormFusionL1;LayerNormFusionL2", with which 4 is as when disabled.
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
const value = (field, name, sizes) => block(field, block(1, name), block(2, block(1, number(1, 1), block(2, ...sizes.map((size) => block(1, number(1, size)))))));
const node = (op, inputs, output, ...attributes) => block(1, ...inputs.map((name) => block(1, name)), block(2, output), block(4, op), ...attributes);
const mean = (input, output) => node("ReduceMean", [input], output, block(5, block(1, "axes"), number(8, 1), number(20, 7)), block(5, block(1, "keepdims"), number(3, 1), number(20, 2)));
const floats = (name, sizes, list) => block(5, ...sizes.map((n) => number(1, n)), number(2, 1), block(8, name), block(9, Buffer.from(Float32Array.from(list).buffer)));
const model = (exponent, isCentred) => {
  const from = isCentred ? "deviation" : "x";
  return Buffer.concat([
    number(1, 8),
    block(7,
      ...(isCentred ? [mean("x", "mean"), node("Sub", ["x", "mean"], "deviation")] : []),
      node("Pow", [from, "exponent"], "power"), mean("power", "spread"), node("Add", ["spread", "epsilon"], "safe"), node("Sqrt", ["safe"], "root"),
      node("Div", [from, "root"], "normed"), node("Mul", ["normed", "scale"], isCentred ? "scaled" : "y"), ...(isCentred ? [node("Add", ["scaled", "shift"], "y")] : []),
      block(2, "g"), floats("exponent", [], [exponent]), floats("epsilon", [], [1e-5]), floats("scale", [4], [1, 1, 1, 1]), floats("shift", [4], [0, 0, 0, 0]),
      value(11, "x", [1, 4]), value(12, "y", [1, 4])),
    block(8, block(1, ""), number(2, 17)),
  ]);
};
const answer = async (options, ...form) => {
  const session = await ort.InferenceSession.create(model(...form), options);
  const { y } = await session.run({ x: new ort.Tensor("float32", Float32Array.of(1, 2, 3, 6), [1, 4]) });
  return Array.from(y.data, (n) => Number(n.toFixed(3))).join(" ");
};
const ways = { ...Object.fromEntries(["disabled", "basic", "all"].map((graphOptimizationLevel) => [graphOptimizationLevel, { graphOptimizationLevel }])), without: { extra: { optimization: { disable_specified_optimizers: "LayerNormFusionL1;LayerNormFusionL2" } } } };
(async () => {
  const seen = {};
  for (const [way, options] of Object.entries(ways)) {
    seen[way] = [];
    for (const isCentred of [true, false]) for (const exponent of [2, 4]) seen[way].push(await answer(options, exponent, isCentred));
  }
  console.log("onnxruntime-node", require("onnxruntime-node/package.json").version, seen);
  const square = "-1.069 -0.535 0 1.604";
  const plain = ["0.283 0.566 0.849 1.697", "0.054 0.107 0.161 0.321"];
  const right = [square, "-0.404 -0.202 0 0.606", ...plain];
  const wrong = [square, square, ...plain];
  if (JSON.stringify(seen) !== JSON.stringify({ disabled: right, basic: wrong, all: wrong, without: right })) throw new Error("this has changed");
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs 2> /dev/null
