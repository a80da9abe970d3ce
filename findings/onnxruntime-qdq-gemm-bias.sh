#!/usr/bin/env bash
# ONNX Runtime takes a quantised Gemm's bias by another scale than the file says, where the scale is not the product of the other two; a Conv is spared.
#
# npm onnxruntime-node 1.30.0 (CPU), ONNX opset 19; onnxruntime-web 1.30.0 (WASM) does the same. A guess: what DequantizeLinear says of a bias in int32 holds.
# ONNX lets it have any scale and zero point; exporters for chips write powers of two. From the level "extended" on, a Gemm between DequantizeLinears
# becomes QGemm, which adds the bias's whole numbers to its sums: right only where the bias's scale is the input's times the weights'. The scale and
# the zero point that the file has are dropped. In networks for faces it is the last layer that has a bias of its own scale first, so all classes shift.
# Conv has the same form in QLinearConv, but its scale is looked at, and it is left in float32 where it differs.
# Seen: x = 1, weight 1, bias of int32 40, steps of 0.5 (input), 0.25 (weights), so that 0.125 is the product:
#   scale 0.125:                 disabled 6, all 6
#   scale 1:                     disabled 41, all 6
#   scale 0.125, zero point 24:  disabled 3, all 6
#   a Conv with scale 1:         disabled 41, all 41
# Way out: the setting extra.session.disable_quant_qdq = "1", or scales written as products.
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
const node = (op, inputs, output) => block(1, ...inputs.map((name) => block(1, name)), block(2, output), block(4, op));
const constant = (name, type, sizes, list) => block(5, ...sizes.map((size) => number(1, size)), number(2, type), block(8, name), block(9, Buffer.from(list.buffer)));
const model = (op, sizes, { scale, zero = 0 }) => Buffer.concat([
  number(1, 9),
  block(7,
    node("QuantizeLinear", ["x", "step", "zero"], "xq"), node("DequantizeLinear", ["xq", "step", "zero"], "xd"),
    node("DequantizeLinear", ["w", "weightStep", "weightZero"], "wd"),
    node("DequantizeLinear", ["b", "biasStep", "biasZero"], "bd"),
    node(op, ["xd", "wd", "bd"], "sum"),
    node("QuantizeLinear", ["sum", "step", "zero"], "yq"), node("DequantizeLinear", ["yq", "step", "zero"], "y"),
    block(2, "g"),
    constant("step", 1, [], Float32Array.of(0.5)), constant("zero", 2, [], Uint8Array.of(0)),
    constant("w", 3, sizes, Int8Array.of(4)), constant("weightStep", 1, [], Float32Array.of(0.25)), constant("weightZero", 3, [], Int8Array.of(0)),
    constant("b", 6, [1], Int32Array.of(40)), constant("biasStep", 1, [], Float32Array.of(scale)), constant("biasZero", 6, [], Int32Array.of(zero)),
    value(11, "x", sizes), value(12, "y", sizes)),
  block(8, block(1, ""), number(2, 19)),
]);
(async () => {
  const cases = {
    "scale 0.125": ["Gemm", [1, 1], { scale: 0.125 }],
    "scale 1": ["Gemm", [1, 1], { scale: 1 }],
    "zero point 24": ["Gemm", [1, 1], { scale: 0.125, zero: 24 }],
    "Conv, scale 1": ["Conv", [1, 1, 1, 1], { scale: 1 }],
  };
  const seen = {};
  for (const [name, [op, sizes, bias]] of Object.entries(cases)) {
    const answer = async (options) => {
      const session = await ort.InferenceSession.create(model(op, sizes, bias), options);
      return (await session.run({ x: new ort.Tensor("float32", Float32Array.of(1), sizes) })).y.data[0];
    };
    seen[name] = [await answer({ graphOptimizationLevel: "disabled" }), await answer({}), await answer({ extra: { session: { disable_quant_qdq: "1" } } })];
  }
  console.log("onnxruntime-node", require("onnxruntime-node/package.json").version, "disabled, all, without:", seen);
  const expected = { "scale 0.125": [6, 6, 6], "scale 1": [41, 6, 41], "zero point 24": [3, 6, 3], "Conv, scale 1": [41, 41, 41] };
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs
