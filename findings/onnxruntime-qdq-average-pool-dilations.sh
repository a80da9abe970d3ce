#!/usr/bin/env bash
# ONNX Runtime refuses a quantised AveragePool that says `dilations`, also where they are 1, the default.
#
# npm onnxruntime-node 1.30.0 (CPU), ONNX opset 19, which gave AveragePool that attribute. Between DequantizeLinear and QuantizeLinear the pool
# is fused into com.microsoft's QLinearAveragePool with all of its attributes, and that one does not know this: the session is not made,
# "Unrecognized attribute: dilations for operator QLinearAveragePool". With graph optimisation "disabled", without quantisation, or without
# the attribute the same network runs.
# Seen: quantised with dilations [1, 1]: refused; the same at "disabled": 1,1,3,3; quantised without dilations: 1,1,3,3.
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
const value = (field, name) => block(field, block(1, name), block(2, block(1, number(1, 1), block(2, ...Array.from({ length: 4 }, () => block(1, block(2, "n")))))));
const ints = (name, list) => block(5, block(1, name), ...list.map((n) => number(8, n)), number(20, 7));
const node = (op, inputs, output, ...attributes) => block(1, ...inputs.map((name) => block(1, name)), block(2, output), block(4, op), ...attributes);
const scalar = (name, type, bytes) => block(5, number(2, type), block(8, name), block(9, bytes));
const model = (...attributes) => Buffer.concat([
  number(1, 9),
  block(7,
    node("QuantizeLinear", ["x", "s", "z"], "xq"), node("DequantizeLinear", ["xq", "s", "z"], "xd"),
    node("AveragePool", ["xd"], "p", ints("kernel_shape", [3, 3]), ...attributes),
    node("QuantizeLinear", ["p", "s", "z"], "pq"), node("DequantizeLinear", ["pq", "s", "z"], "y"),
    block(2, "g"), scalar("s", 1, Buffer.from(Float32Array.of(0.1).buffer)), scalar("z", 2, Buffer.of(0)), value(11, "x"), value(12, "y")),
  block(8, block(1, ""), number(2, 19)),
]);
const answer = async (bytes, options) => {
  try {
    const session = await ort.InferenceSession.create(bytes, options);
    return (await session.run({ x: new ort.Tensor("float32", new Float32Array(25).fill(1), [1, 1, 5, 5]) })).y.dims.join();
  } catch (error) {
    return /Unrecognized attribute: dilations for operator QLinearAveragePool/.test(error.message) ? "refused" : error.message;
  }
};
(async () => {
  const withGaps = model(ints("dilations", [1, 1]));
  const seen = [await answer(withGaps), await answer(withGaps, { graphOptimizationLevel: "disabled" }), await answer(model())];
  console.log("onnxruntime-node", require("onnxruntime-node/package.json").version, seen);
  process.exit(JSON.stringify(seen) === JSON.stringify(["refused", "1,1,3,3", "1,1,3,3"]) ? 0 : 1);
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs 2> /dev/null
