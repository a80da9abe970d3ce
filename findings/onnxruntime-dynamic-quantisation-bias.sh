#!/usr/bin/env bash
# ONNX Runtime multiplies the bias of a dynamically quantised layer by the scale of its weights, where that scale is written as a matrix.
#
# npm onnxruntime-node 1.30.0 (CPU), ONNX opset 13; onnxruntime-web 1.30.0 (WASM) does the same. Layers of dynamically quantised networks are DynamicQuantizeLinear,
# MatMulInteger, Cast, a Mul by both scales, and an Add of the bias, last. A guess: how many axes the one number of a scale has, none, [1] or [1, 1],
# makes no difference, since all broadcast alike. From the level "extended" on the whole becomes one operation. There a scale that is a number or a row
# of one for each column is multiplied in first; any other is multiplied in at the end, when the bias has been added. Scales are small, so the bias all but vanishes.
# Seen, x = 1 0 through the identity times 2 (weights 2, scale 0.5) and a bias of 10 20:
#   scale of no axis, of [1] or of [2] (0.5 0.5): 11 20 at each level
#   scale of [1, 1]:                              disabled and basic 11 20; extended and all 6 10
#   scale of [2, 1] (one for each row of x):      disabled and basic 11 20; extended and all 6 10
#   scale of [1, 1] without a bias:               1 0 at each level
# Way out: write the scale as a number or a row, or the setting extra.optimization.disable_specified_optimizers = "MatMulIntegerToFloatFusion;DynamicQuantizeMatMulFusion".
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
const value = (field, name) => block(field, block(1, name), block(2, block(1, number(1, 1), block(2, block(1, number(1, 2)), block(1, number(1, 2))))));
const node = (op, inputs, outputs, ...attributes) => block(1, ...inputs.map((name) => block(1, name)), ...outputs.map((name) => block(2, name)), block(4, op), ...attributes);
const constant = (name, type, sizes, array) => block(5, ...sizes.map((n) => number(1, n)), number(2, type), block(8, name), block(9, Buffer.from(array.buffer)));
const toFloat = block(5, block(1, "to"), number(3, 1), number(20, 2));
const model = (sizes, hasBias) => Buffer.concat([
  number(1, 8),
  block(7,
    node("DynamicQuantizeLinear", ["x"], ["codes", "step", "zero"]),
    node("MatMulInteger", ["codes", "weights", "zero"], ["sums"]), node("Cast", ["sums"], ["plain"], toFloat),
    node("Mul", ["step", "scale"], ["both"]), node("Mul", ["plain", "both"], [hasBias ? "product" : "y"]),
    ...(hasBias ? [node("Add", ["product", "bias"], ["y"])] : []),
    block(2, "g"), constant("weights", 3, [2, 2], Int8Array.of(2, 0, 0, 2)), constant("bias", 1, [2], Float32Array.of(10, 20)),
    constant("scale", 1, sizes, new Float32Array(sizes.reduce((a, b) => a * b, 1)).fill(0.5)),
    value(11, "x"), value(12, "y")),
  block(8, block(1, ""), number(2, 13)),
]);
const answer = async (options, sizes, hasBias = true) => {
  const session = await ort.InferenceSession.create(model(sizes, hasBias), options);
  const { y } = await session.run({ x: new ort.Tensor("float32", Float32Array.of(1, 0, 1, 0), [2, 2]) });
  return Array.from(y.data.slice(0, 2), (n) => Number(n.toFixed(3))).join(" ");
};
const ways = { ...Object.fromEntries(["disabled", "basic", "extended", "all"].map((graphOptimizationLevel) => [graphOptimizationLevel, { graphOptimizationLevel }])), without: { extra: { optimization: { disable_specified_optimizers: "MatMulIntegerToFloatFusion;DynamicQuantizeMatMulFusion" } } } };
(async () => {
  const seen = {};
  for (const [way, options] of Object.entries(ways)) {
    seen[way] = [];
    for (const sizes of [[], [1], [2], [1, 1], [2, 1]]) seen[way].push(await answer(options, sizes));
    seen[way].push(await answer(options, [1, 1], false));
  }
  console.log("onnxruntime-node", require("onnxruntime-node/package.json").version, seen);
  const right = ["11 20", "11 20", "11 20", "11 20", "11 20", "1 0"];
  const wrong = ["11 20", "11 20", "11 20", "6 10", "6 10", "1 0"];
  if (JSON.stringify(seen) !== JSON.stringify({ disabled: right, basic: right, extended: wrong, all: wrong, without: right })) throw new Error("this has changed");
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs 2> /dev/null
