#!/usr/bin/env bash
# What a dynamically quantised ONNX network answers to one picture depends on the other pictures of its batch, at times wholly.
#
# npm onnxruntime-node 1.30.0 (CPU), opset 17. A guess: rows of a batch do not meet, so a batch gives what each row gives alone; in float32 it
# does, to a rounding. DynamicQuantizeLinear, which the `model_quantized.onnx` of most published networks begin their layers with, chooses one
# scale for the whole tensor, the batch included: a row of large numbers takes the steps of all the others.
# Seen: rows through DynamicQuantizeLinear and MatMulInteger by the identity:
#   0.5 0.25 alone: 0.5 0.249
#   beside 200 100: 0.7843 0
# So: run such networks with one picture at a time, or know that answers change with the company, and with the size of the batch.
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
const value = (field, name) => block(field, block(1, name), block(2, block(1, number(1, 1), block(2, block(1, block(2, "n")), block(1, number(1, 2))))));
const node = (op, inputs, outputs, ...attributes) => block(1, ...inputs.map((name) => block(1, name)), ...outputs.map((name) => block(2, name)), block(4, op), ...attributes);
const toFloat = block(5, block(1, "to"), number(3, 1), number(20, 2));
const identity = block(5, number(1, 2), number(1, 2), number(2, 3), block(8, "w"), block(9, Buffer.from([1, 0, 0, 1])));
const model = Buffer.concat([
  number(1, 8),
  block(7,
    node("DynamicQuantizeLinear", ["x"], ["q", "scale", "zero"]),
    node("MatMulInteger", ["q", "w", "zero"], ["sums"]),
    node("Cast", ["sums"], ["whole"], toFloat),
    node("Mul", ["whole", "scale"], ["y"]),
    block(2, "g"), identity, value(11, "x"), value(12, "y")),
  block(8, block(1, ""), number(2, 17)),
]);
(async () => {
  const session = await ort.InferenceSession.create(model);
  const run = async (...rows) => {
    const { y } = await session.run({ x: new ort.Tensor("float32", Float32Array.from(rows.flat()), [rows.length, 2]) });
    return Array.from(y.data.slice(0, 2), (each) => Number(each.toFixed(4))).join(" ");
  };
  const [alone, beside] = [await run([0.5, 0.25]), await run([0.5, 0.25], [200, 100])];
  console.log(`onnxruntime-node ${require("onnxruntime-node/package.json").version}: alone ${alone}; beside large numbers ${beside}`);
  process.exit(alone === "0.5 0.249" && beside === "0.7843 0" ? 0 : 1);
})();
JS
node run.cjs
