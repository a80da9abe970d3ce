#!/usr/bin/env bash
# ONNX Runtime folds a batch norm into the matrix in front of it across a Transpose or Reshape, and norms columns where the file norms rows.
#
# npm onnxruntime-node 1.30.0 (CPU), ONNX opset 17; onnxruntime-web 1.30.0 (WASM) does the same. A BatchNormalization has one scale for each entry of axis 1.
# Directly behind a MatMul that is a column of the matrix. A guess: where something turns the axes in between, it is folded along, or left alone. Seen: from
# the level "basic" on, the norm's numbers are multiplied into the columns wherever their count fits; what the Transpose or Reshape did is not looked at.
# With other counts the same graph is left alone, so a network is right for one batch or picture size and wrong for another: networks that norm positions
# (mixers, graph networks, attention maps turned over) have as many of them as channels at times.
# Seen, x = 1 2, 3 4; the matrix is the identity; scale 1 10, shift 0, mean 0, variance 1, epsilon 0:
#   MatMul, BatchNormalization:                         all levels 1 20 3 40
#   MatMul, Transpose, BatchNormalization:              disabled 1 30 2 40; basic and all 1 3 20 40, as if the norm came before the Transpose
#   MatMul, Reshape to [1, 2, 2], BatchNormalization:   disabled 1 2 30 40; basic and all 1 20 3 40
#   the second with x = 1 2, 3 4, 5 6 and scale 1 10 100: all levels 1 30 500 2 40 600
# Way out: the setting extra.optimization.disable_specified_optimizers = "MatMul_BatchNormalization_Fusion".
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
const value = (field, name, sizes) => block(field, block(1, name), block(2, block(1, number(1, 1), ...(sizes ? [block(2, ...sizes.map((size) => block(1, number(1, size))))] : []))));
const node = (op, inputs, output, ...attributes) => block(1, ...inputs.map((name) => block(1, name)), block(2, output), block(4, op), ...attributes);
const ints = (name, list) => block(5, block(1, name), ...list.map((n) => number(8, n)), number(20, 7));
const floats = (name, sizes, list) => block(5, ...sizes.map((n) => number(1, n)), number(2, 1), block(8, name), block(9, Buffer.from(Float32Array.from(list).buffer)));
const longs = (name, list) => block(5, number(1, list.length), number(2, 7), block(8, name), block(9, Buffer.from(BigInt64Array.from(list.map(BigInt)).buffer)));
const between = { nothing: node("Identity", ["product"], "turned"), Transpose: node("Transpose", ["product"], "turned", ints("perm", [1, 0])), Reshape: node("Reshape", ["product", "shape"], "turned") };
const model = (way, rows) => Buffer.concat([
  number(1, 8),
  block(7,
    node("MatMul", ["x", "matrix"], "product"), between[way],
    node("BatchNormalization", ["turned", "scale", "shift", "mean", "variance"], "y", block(5, block(1, "epsilon"), varint(2 * 8 + 5), Buffer.alloc(4), number(20, 1))),
    block(2, "g"), floats("matrix", [2, 2], [1, 0, 0, 1]), longs("shape", [1, 2, 2]),
    floats("scale", [rows], [1, 10, 100].slice(0, rows)), ...["shift", "mean", "variance"].map((name) => floats(name, [rows], Array(rows).fill(name === "variance" ? 1 : 0))),
    value(11, "x", [rows, 2]), value(12, "y")),
  block(8, block(1, ""), number(2, 17)),
]);
const answer = async (options, way, rows = 2) => {
  const session = await ort.InferenceSession.create(model(way, rows), options);
  const { y } = await session.run({ x: new ort.Tensor("float32", Float32Array.from({ length: 2 * rows }, (_, i) => i + 1), [rows, 2]) });
  return Array.from(y.data).join(" ");
};
const ways = { disabled: { graphOptimizationLevel: "disabled" }, basic: { graphOptimizationLevel: "basic" }, all: { graphOptimizationLevel: "all" }, without: { extra: { optimization: { disable_specified_optimizers: "MatMul_BatchNormalization_Fusion" } } } };
(async () => {
  const seen = {};
  for (const [way, options] of Object.entries(ways)) seen[way] = [await answer(options, "nothing"), await answer(options, "Transpose"), await answer(options, "Reshape"), await answer(options, "Transpose", 3)];
  console.log("onnxruntime-node", require("onnxruntime-node/package.json").version, seen);
  const right = ["1 20 3 40", "1 30 2 40", "1 2 30 40", "1 30 500 2 40 600"];
  const wrong = ["1 20 3 40", "1 3 20 40", "1 20 3 40", "1 30 500 2 40 600"];
  if (JSON.stringify(seen) !== JSON.stringify({ disabled: right, basic: wrong, all: wrong, without: right })) throw new Error("this has changed");
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs 2> /dev/null
