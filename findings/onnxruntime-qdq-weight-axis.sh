#!/usr/bin/env bash
# ONNX Runtime forgets along which axis quantised weights have their scales: a square MatMul, Gemm or Conv gives other numbers, any other shape an error.
#
# npm onnxruntime-node 1.30.0 (CPU), ONNX opset 19; onnxruntime-web 1.30.0 (WASM) does the same. A guess: optimising a graph changes answers by roundings.
# Between QuantizeLinear and DequantizeLinear the level "all" makes QLinearMatMul, QGemm and QLinearConv of the float operations. Those want one scale a
# column of a matrix, one an output channel of a convolution. The `axis` that the weights' DequantizeLinear names is not looked at: scales of rows (axis 0
# of a MatMul's matrix) or of input channels (axis 1 of a Conv's) are taken for those of columns or outputs. ONNX allows each axis. So
# a linear layer whose rows were quantised is refused when it runs, unless it is square, as attention's projections are: then it answers, wrongly.
# Seen: x = 1 10, matrix [100 50; 20 60] of int8, scales 0.01 and 0.1 of its rows, so right is 1 * [1 0.5] + 10 * [2 6] = 21 60.5 (steps of 0.5)
#   MatMul: disabled 21 60.5; all 3 65, as by scales of columns: [1 5; 0.2 6]
#   Gemm: the same
#   Conv, 1 x 1, the same numbers by input channels: disabled 21 60.5; all 3 65
#   MatMul with a third column: disabled answers, all: refused when it runs
# (Of Conv alone a change was proposed and closed: microsoft/onnxruntime, pull request 21712.)
# Way out: quantise along the axis that the fused operation has, or the setting extra.session.disable_quant_qdq = "1".
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
const value = (field, name, sizes) => block(field, block(1, name), block(2, block(1, number(1, 1), block(2, ...sizes.map((size) => block(1, typeof size === "number" ? number(1, size) : block(2, size)))))));
const int = (name, n) => block(5, block(1, name), number(3, n), number(20, 2));
const node = (op, inputs, output, ...attributes) => block(1, ...inputs.map((name) => block(1, name)), block(2, output), block(4, op), ...attributes);
const constant = (name, type, sizes, list) => block(5, ...sizes.map((size) => number(1, size)), number(2, type), block(8, name), block(9, Buffer.from(list.buffer)));
const model = (op, { weights, sizes, axis, input, output }) => Buffer.concat([
  number(1, 9),
  block(7,
    node("QuantizeLinear", ["x", "step", "zero"], "xq"), node("DequantizeLinear", ["xq", "step", "zero"], "xd"),
    node("DequantizeLinear", ["w", "scales", "zeros"], "wd", int("axis", axis)),
    node(op, ["xd", "wd"], "sum"),
    node("QuantizeLinear", ["sum", "step", "zero"], "yq"), node("DequantizeLinear", ["yq", "step", "zero"], "y"),
    block(2, "g"),
    constant("step", 1, [], Float32Array.of(0.5)), constant("zero", 2, [], Uint8Array.of(0)),
    constant("w", 3, sizes, Int8Array.from(weights)), constant("scales", 1, [2], Float32Array.of(0.01, 0.1)), constant("zeros", 3, [2], Int8Array.of(0, 0)),
    value(11, "x", input), value(12, "y", output)),
  block(8, block(1, ""), number(2, 19)),
]);
const matrix = { weights: [100, 50, 20, 60], sizes: [2, 2], axis: 0, input: [1, 2], output: [1, "n"] };
const models = {
  MatMul: [model("MatMul", matrix), [1, 2]],
  Gemm: [model("Gemm", matrix), [1, 2]],
  Conv: [model("Conv", { weights: [100, 20, 50, 60], sizes: [2, 2, 1, 1], axis: 1, input: [1, 2, 1, 1], output: [1, "n", 1, 1] }), [1, 2, 1, 1]],
  wide: [model("MatMul", { ...matrix, weights: [100, 50, 0, 20, 60, 0], sizes: [2, 3] }), [1, 2]],
};
(async () => {
  const seen = {};
  for (const [name, [bytes, sizes]] of Object.entries(models))
    for (const [level, options] of Object.entries({ disabled: { graphOptimizationLevel: "disabled" }, all: {}, without: { extra: { session: { disable_quant_qdq: "1" } } } })) {
      const session = await ort.InferenceSession.create(bytes, { ...options, logSeverityLevel: 4 });
      const run = session.run({ x: new ort.Tensor("float32", Float32Array.of(1, 10), sizes) });
      seen[`${name}, ${level}`] = await run.then(({ y }) => Array.from(y.data).join(" "), () => "refused");
    }
  console.log("onnxruntime-node", require("onnxruntime-node/package.json").version, seen);
  const [right, wrong] = ["21 60.5", "3 65"];
  const expected = {};
  for (const name of ["MatMul", "Gemm", "Conv"]) Object.assign(expected, { [`${name}, disabled`]: right, [`${name}, all`]: wrong, [`${name}, without`]: right });
  Object.assign(expected, { "wide, disabled": `${right} 0`, "wide, all": "refused", "wide, without": `${right} 0` });
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs
