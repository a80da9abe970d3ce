#!/usr/bin/env bash
# ONNX Runtime takes (1 / a) * b for b / a, in whole numbers too, where it is not: gates and masks that were 0 become quotients.
#
# npm onnxruntime-node 1.30.0 (CPU), ONNX opset 13 and 18; onnxruntime-web 1.30.0 (WASM) does the same. A guess: optimising a graph changes answers by
# roundings, so whole numbers stay what they are. Div of whole numbers cuts off, so that 1 / a is 1 where a is 1 and 0 where it is larger, which
# tells ones from larger numbers without a comparison. From the level "basic" on, Div of a constant 1 and Mul become one Div, for int32
# and int64 as for floating point, without a look at the type.
# Seen, a = 1 2 5, b = 6 7 8 (right is 6 0 0):
#   int32: disabled 6 0 0, basic and all 6 3 1      int64: the same
#   float32, a = 1 2 4, b = 6 7 8: 6 3.5 2 at each level
# The shape changes as well where the constant has more axes than the rest (1 as [1, 1, 1], a and b of [3], any type): [1, 1, 3] when disabled, [3] after,
# and onnxruntime-web refuses that file.
# Way out: the setting extra.optimization.disable_specified_optimizers = "DivMulFusion", with which all is as when disabled.
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
const value = (field, name, type, sizes) => block(field, block(1, name), block(2, block(1, number(1, type), ...(sizes ? [block(2, ...sizes.map((size) => block(1, number(1, size))))] : []))));
const node = (op, inputs, output) => block(1, ...inputs.map((name) => block(1, name)), block(2, output), block(4, op));
const types = { float32: [1, Float32Array], int32: [6, Int32Array], int64: [7, BigInt64Array] };
const numbers = (type, list) => types[type][1].from(type === "int64" ? list.map(BigInt) : list);
const model = (type, opset, axesOfOne) => Buffer.concat([
  number(1, 8),
  block(7,
    node("Div", ["one", "a"], "inverse"), node("Mul", ["inverse", "b"], "y"),
    block(2, "g"), block(5, ...axesOfOne.map((n) => number(1, n)), number(2, types[type][0]), block(8, "one"), block(9, Buffer.from(numbers(type, [1]).buffer))),
    value(11, "a", types[type][0], [3]), value(11, "b", types[type][0], [3]), value(12, "y", types[type][0])),
  block(8, block(1, ""), number(2, opset)),
]);
const answer = async (type, opset, options, axesOfOne = []) => {
  const session = await ort.InferenceSession.create(model(type, opset, axesOfOne), options);
  const feed = (list) => new ort.Tensor(type, numbers(type, list), [3]);
  const { y } = await session.run({ a: feed(type === "float32" ? [1, 2, 4] : [1, 2, 5]), b: feed([6, 7, 8]) });
  return axesOfOne.length > 0 ? y.dims.join() : Array.from(y.data, Number).join(" ");
};
const ways = { disabled: { graphOptimizationLevel: "disabled" }, basic: { graphOptimizationLevel: "basic" }, all: { graphOptimizationLevel: "all" }, without: { extra: { optimization: { disable_specified_optimizers: "DivMulFusion" } } } };
(async () => {
  const seen = {};
  for (const [way, options] of Object.entries(ways)) {
    seen[way] = [];
    for (const opset of [13, 18]) for (const type of ["int32", "int64", "float32"]) seen[way].push(await answer(type, opset, options));
    seen[way].push(await answer("float32", 18, options, [1, 1, 1]));
  }
  console.log("onnxruntime-node", require("onnxruntime-node/package.json").version, seen);
  const right = ["6 0 0", "6 0 0", "6 3.5 2", "6 0 0", "6 0 0", "6 3.5 2", "1,1,3"];
  const wrong = ["6 3 1", "6 3 1", "6 3.5 2", "6 3 1", "6 3 1", "6 3.5 2", "3"];
  if (JSON.stringify(seen) !== JSON.stringify({ disabled: right, basic: wrong, all: wrong, without: right })) throw new Error("this has changed");
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs 2> /dev/null
