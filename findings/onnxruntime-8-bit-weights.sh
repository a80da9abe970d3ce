#!/usr/bin/env bash
# ONNX Runtime rounds what goes into a matrix of 8-bit weights to 8 bits too, though the file computes in float32: beside a large number small ones vanish.
#
# npm onnxruntime-node 1.30.0 (CPU), ONNX opset 13 and 21; onnxruntime-web 1.30.0 (WASM) does the same. A guess: a network whose weights alone are int8,
# each behind a DequantizeLinear, answers as the same weights in float32 do; that is what one quantises weights alone for, and what the file says. From the
# level "extended" on, DequantizeLinear and MatMul or Gemm become MatMulNBits, at accuracy level 4 if nobody says otherwise, which rounds each 32
# numbers of the input (or more or fewer, as the weights' blocks are) by the largest of them in steps of a 127th. Nothing in the file asks for it. Numbers
# behind a norm or a ReLU have outliers, so that most of a row may become 0.
# Seen: 100 0.3 through a matrix of int8 ones on the diagonal, scale 1:
#   disabled, basic: 100 0.3    extended, all: 100 0    the same with a scale a column, and as Gemm
# For language models it is known that words change (microsoft/onnxruntime, issue 29849), there of networks that ask for level 4 themselves.
# Way out: the setting extra.session.qdq_matmulnbits_accuracy_level = "1", with which all is 100 0.3 again.
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
const node = (op, inputs, output) => block(1, ...inputs.map((name) => block(1, name)), block(2, output), block(4, op));
const constant = (name, type, sizes, list) => block(5, ...sizes.map((size) => number(1, size)), number(2, type), block(8, name), block(9, Buffer.from(list.buffer)));
const model = (op, opset, scales) => Buffer.concat([
  number(1, 8),
  block(7,
    node("DequantizeLinear", ["w", "scales"], "wd"), node(op, ["x", "wd"], "y"),
    block(2, "g"),
    constant("w", 3, [2, 2], Int8Array.of(1, 0, 0, 1)), constant("scales", 1, scales.length === 1 ? [] : [2], Float32Array.from(scales)),
    value(11, "x", ["n", 2]), value(12, "y", ["n", 2])),
  block(8, block(1, ""), number(2, opset)),
]);
(async () => {
  const seen = {};
  for (const [op, opset, scales] of [["MatMul", 13, [1]], ["MatMul", 21, [1, 1]], ["Gemm", 21, [1, 1]]]) {
    const answer = async (options) => {
      const session = await ort.InferenceSession.create(model(op, opset, scales), options);
      const { y } = await session.run({ x: new ort.Tensor("float32", Float32Array.of(100, 0.3), [1, 2]) });
      return Array.from(y.data, (each) => Number(each.toFixed(4))).join(" ");
    };
    const levels = ["disabled", "basic", "extended", "all"].map((graphOptimizationLevel) => ({ graphOptimizationLevel }));
    seen[`${op}, opset ${opset}`] = [];
    for (const options of [...levels, { extra: { session: { qdq_matmulnbits_accuracy_level: "1" } } }]) seen[`${op}, opset ${opset}`].push(await answer(options));
  }
  console.log("onnxruntime-node", require("onnxruntime-node/package.json").version, "disabled, basic, extended, all, all at level 1:", seen);
  const row = ["100 0.3", "100 0.3", "100 0", "100 0", "100 0.3"];
  if (JSON.stringify(seen) !== JSON.stringify({ "MatMul, opset 13": row, "MatMul, opset 21": row, "Gemm, opset 21": row })) throw new Error("this has changed");
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs
