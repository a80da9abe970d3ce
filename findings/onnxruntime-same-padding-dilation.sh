#!/usr/bin/env bash
# ONNX Runtime pads a dilated pool of auto_pad SAME as if it had no dilation: the result is smaller than ONNX says.
#
# npm onnxruntime-node 1.30.0 (CPU), ONNX opset 12 to 20. ONNX says of SAME_UPPER: output size = ceil(input size / stride), and counts
# the gaps in `((kernel - 1) * dilation + 1)`. MaxPool leaves the dilation out, without an error; Conv refuses the same when it runs.
# Seen: 5 x 5 pixels, kernel 3 x 3, dilations 2 and 2, stride 1, auto_pad SAME_UPPER: MaxPool gives [1,1,3,3], Conv says "Dilation not
# supported for AutoPadType::SAME_UPPER". Without dilations both give [1,1,5,5].
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
const value = (field, name, sizes) => block(field, block(1, name), block(2, block(1, number(1, 1), block(2, ...sizes.map((size) => block(1, size === undefined ? block(2, "n") : number(1, size)))))));
const ints = (name, list) => block(5, block(1, name), ...list.map((n) => number(8, n)), number(20, 7));
const text = (name, word) => block(5, block(1, name), block(4, word), number(20, 3));
const model = (op, inputs, dilation) => Buffer.concat([
  number(1, 8),
  block(7,
    block(1, ...inputs.map((name) => block(1, name)), block(2, "y"), block(4, op), ints("kernel_shape", [3, 3]), ints("dilations", [dilation, dilation]), text("auto_pad", "SAME_UPPER")),
    block(2, "g"), value(11, "x", [1, 1, 5, 5]),
    ...(inputs.length > 1 ? [value(11, "w", [1, 1, 3, 3])] : []),
    value(12, "y", [1, 1, undefined, undefined])),
  block(8, block(1, ""), number(2, 17)),
]);
const ones = (...sizes) => new ort.Tensor("float32", new Float32Array(sizes.reduce((a, b) => a * b)).fill(1), sizes);
const shape = async (op, dilation) => {
  const isConv = op === "Conv";
  const session = await ort.InferenceSession.create(model(op, isConv ? ["x", "w"] : ["x"], dilation));
  try {
    return (await session.run({ x: ones(1, 1, 5, 5), ...(isConv && { w: ones(1, 1, 3, 3) }) })).y.dims.join();
  } catch {
    return "refused";
  }
};
(async () => {
  const seen = {};
  for (const op of ["Conv", "MaxPool"]) for (const dilation of [1, 2]) seen[`${op}, dilation ${dilation}`] = await shape(op, dilation);
  console.log("onnxruntime-node", require("onnxruntime-node/package.json").version, seen);
  const expected = { "Conv, dilation 1": "1,1,5,5", "Conv, dilation 2": "refused", "MaxPool, dilation 1": "1,1,5,5", "MaxPool, dilation 2": "1,1,3,3" };
  process.exit(JSON.stringify(seen) === JSON.stringify(expected) ? 0 : 1);
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs 2> /dev/null
