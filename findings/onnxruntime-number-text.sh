#!/usr/bin/env bash
# ONNX Runtime writes a double as text with 8 digits, half of what it holds, and different float32 numbers as the same text; whole numbers it reads up to the "e".
#
# npm onnxruntime-node 1.30.0 (CPU), ONNX opset 17. ONNX's Cast makes text of numbers and numbers of text; networks of tables use it for keys and categories. A guess: what is
# written is read back as the same number, as Python, C++'s to_chars and JavaScript have it. That takes 17 digits for a double and 9 for a float32. Both are written
# with 8, and from 1e8 on with an exponent, though the specification asks for "plain floating-point representation"; identifiers in a column of numbers
# then fall together. Of text made int64 what follows the digits is dropped without an error, so that 1e3 is 1, though as float it is 1000 (what a fraction
# gives there the specification leaves open).
# Seen: double 1/3: 0.33333333    123456789012: 1.2345679e+11    0.1: 0.1
#   float32 134217728 and 134217744: 1.3421773e+08 and 1.3421774e+08; 134217736, between them: 1.3421773e+08, read back as 134217728
#   float32 16777212 and the like, up to 8 digits: right    int64 123456789012: 123456789012
#   text to int64: "1e3" 1    to float: 1000    to int64: "2.9" 2
# Way out: keys as whole numbers, never by way of a floating-point column.
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
const value = (field, name, type) => block(field, block(1, name), block(2, block(1, number(1, type), block(2, block(1, block(2, "n"))))));
const types = { float32: 1, int64: 7, string: 8, float64: 11 };
const model = (from, to) => Buffer.concat([
  number(1, 8),
  block(7, block(1, block(1, "x"), block(2, "y"), block(4, "Cast"), block(5, block(1, "to"), number(3, types[to]), number(20, 2))), block(2, "g"), value(11, "x", types[from]), value(12, "y", types[to])),
  block(8, block(1, ""), number(2, 17)),
]);
const cast = async (from, to, data) => {
  const session = await ort.InferenceSession.create(model(from, to));
  return [...(await session.run({ x: new ort.Tensor(from, data, [data.length]) })).y.data];
};
(async () => {
  const floats = await cast("float32", "string", Float32Array.of(134217728, 134217736, 134217744, 16777212));
  const seen = {
    doubles: await cast("float64", "string", Float64Array.of(1 / 3, 123456789012, 0.1)),
    floats,
    back: await cast("string", "float32", floats),
    whole: await cast("int64", "string", BigInt64Array.of(123456789012n)),
    read: [...(await cast("string", "int64", ["1e3", "2.9"])).map(Number), ...(await cast("string", "float32", ["1e3"]))],
  };
  console.log("onnxruntime-node", require("onnxruntime-node/package.json").version, seen);
  const expected = {
    doubles: ["0.33333333", "1.2345679e+11", "0.1"],
    floats: ["1.3421773e+08", "1.3421773e+08", "1.3421774e+08", "16777212"],
    back: [134217728, 134217728, 134217744, 16777212],
    whole: ["123456789012"],
    read: [1, 2, 1000],
  };
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs 2> /dev/null
