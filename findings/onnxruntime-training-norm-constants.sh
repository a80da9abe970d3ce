#!/usr/bin/env bash
# ONNX Runtime's batch norm in training mode writes over constants, also those of other nodes that hold equal numbers.
#
# npm onnxruntime-node 1.30.0 (CPU), ONNX opset 17. With training_mode = 1 the running mean and variance that come out of BatchNormalization are
# written into the memory of those that go in, also where these are initializers. Short initializers with equal numbers are first made one
# (constant sharing, on from the basic level), so that the norm's own scale and bias, which begin as 1 and 0 like its variance and mean, and
# constants of unrelated nodes change with them.
# Seen: x of [1, 2, 1, 2] = 1 3 5 9, scale 1 1, bias 0 0, mean 0 0, variance 1 1, momentum 0.5; told = new mean + new variance, and z = told * 0 + 0 of
# nodes behind it. ONNX says y = -1 1 -1 1, told = 2 6 and z = 0 0 in every run. Without optimising told is 2 6, then 2.5 8.5, then 2.75 9.75 in three runs
# of one session. Optimised, y is 0 2 1 6 and z 1 3.5 in the first run already. Where the statistics are outputs of the graph, all is as ONNX says.
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
const floats = (list) => Buffer.from(Float32Array.from(list).buffer);
const constant = (name, list) => block(5, number(1, list.length), number(2, 1), block(8, name), block(9, floats(list)));
const node = (op, inputs, outputs, ...attributes) => block(1, ...inputs.map((name) => block(1, name)), ...outputs.map((name) => block(2, name)), block(4, op), ...attributes);
const model = Buffer.concat([
  number(1, 8),
  block(7,
    node("BatchNormalization", ["x", "scale", "bias", "mean", "variance"], ["y", "newMean", "newVariance"],
      block(5, block(1, "training_mode"), number(3, 1), number(20, 2)),
      block(5, block(1, "momentum"), varint(2 * 8 + 5), floats([0.5]), number(20, 1))),
    node("Add", ["newMean", "newVariance"], ["told"]),
    node("Mul", ["told", "c"], ["late"]),
    node("Add", ["late", "nothing"], ["z"]),
    block(2, "g"),
    constant("scale", [1, 1]), constant("bias", [0, 0]), constant("mean", [0, 0]), constant("variance", [1, 1]), constant("nothing", [0, 0]),
    value(11, "x", [1, 2, 1, 2]), value(11, "c", [2]),
    value(12, "y", [1, 2, 1, 2]), value(12, "told", [2]), value(12, "z", [2])),
  block(8, block(1, ""), number(2, 17)),
]);
(async () => {
  const seen = {};
  for (const level of ["disabled", "all"]) {
    const session = await ort.InferenceSession.create(model, { graphOptimizationLevel: level });
    seen[level] = [];
    for (let run = 0; run < 3; run++) {
      const feeds = { x: new ort.Tensor("float32", Float32Array.of(1, 3, 5, 9), [1, 2, 1, 2]), c: new ort.Tensor("float32", Float32Array.of(0, 0), [2]) };
      const { y, z, told } = await session.run(feeds);
      const round = ({ data }) => Array.from(data, (n) => Number(n.toFixed(2))).join(" ");
      seen[level].push(`y ${round(y)}; z ${round(z)}; told ${round(told)}`);
    }
  }
  console.log("onnxruntime-node", require("onnxruntime-node/package.json").version, seen);
  const expected = {
    disabled: ["y -1 1 -1 1; z 0 0; told 2 6", "y -1 1 -1 1; z 0 0; told 2.5 8.5", "y -1 1 -1 1; z 0 0; told 2.75 9.75"],
    all: ["y 0 2 1 6; z 1 3.5; told 2 6", "y 0.5 2.5 2 8.5; z 1.5 5.25; told 2.5 8.5", "y 0.75 2.75 2.5 9.75; z 1.75 6.13; told 2.75 9.75"],
  };
  process.exit(JSON.stringify(seen) === JSON.stringify(expected) ? 0 : 1);
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs
