#!/usr/bin/env bash
# @jax-js/onnx runs ONNX networks without the slope of Elu and Celu, without the bounds of older Clips, and takes the first element where a Gather asks for the last.
#
# npm @jax-js/onnx 0.1.2 with @jax-js/jax 0.1.25 (wasm), beside onnxruntime-node 1.30.0, Node 24. The package makes differentiable functions of ONNX files, and refuses what it has not, by name ("Pad: mode 'reflect' is not
# supported"). A guess: what it takes it computes, or says that an attribute is not heeded. Elu and Celu are called with alpha = 1, whatever the file says; Clip takes its bounds as inputs (opset 11 on) alone, so that
# a file of opset 6 to 10, as MobileNets with ReLU6 mostly are, runs without any bound; an index below 0, which ONNX counts from the end ("the last token"), is cut off at 0. Flatten with axis 0 gives a
# column instead of a row. LeakyRelu, HardSigmoid, Selu and ThresholdedRelu heed their attributes.
# Seen, x = -2 -1 0 8 (ONNX Runtime):
#   Elu, alpha 0.5:                  -0.865 -0.632 0 8       (-0.432 -0.316 0 8)
#   Celu, alpha 2:                   -0.865 -0.632 0 8       (-1.264 -0.787 0 8)
#   Clip of opset 6, 0 to 6:         -2 -1 0 8               (0 0 0 6)
#   Clip of opset 11, 0 to 6:        0 0 0 6                 (0 0 0 6)
#   Gather, index -1:                -2                      (8)
#   LeakyRelu, alpha 0.5:            -1 -0.5 0 8             (-1 -0.5 0 8)
#   Flatten of [2, 2], axis 0:       [4, 1]                  ([1, 4])
# Way out: onnx.version_converter to opset 13 for Clip; indices from the front; a Mul for the slopes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @jax-js/jax@0.1.25 @jax-js/onnx@0.1.2 onnxruntime-node@1.30.0
cat > look.js <<'JS'
import { defaultDevice, init, numpy } from "@jax-js/jax";
import { ONNXModel } from "@jax-js/onnx";
import ort from "onnxruntime-node";
// A protocol buffer by hand: field number and wire type, then a varint or a length and bytes.
const varint = (n) => { const out = []; for (; n > 127; n = Math.floor(n / 128)) out.push((n % 128) | 128); return Buffer.from([...out, n]); };
const number = (field, n) => Buffer.concat([varint(field * 8), varint(n)]);
const block = (field, ...parts) => { const body = Buffer.concat(parts.map((part) => Buffer.from(part))); return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]); };
const value = (field, name, sizes) => block(field, block(1, name), block(2, block(1, number(1, 1), block(2, ...sizes.map((size) => block(1, number(1, size)))))));
const float = (name, x) => block(5, block(1, name), Buffer.concat([varint(2 * 8 + 5), Buffer.from(Float32Array.of(x).buffer)]), number(20, 1));
const int = (name, n) => block(5, block(1, name), number(3, n), number(20, 2));
const constant = (name, type, list) => block(5, number(2, type), block(8, name), block(9, Buffer.from(list.buffer)));
const model = ({ op, attributes = [], constants = {}, opset = 13, x = [4], y = [4] }) => Buffer.concat([
  number(1, 7),
  block(7, block(1, block(1, "x"), ...Object.keys(constants).map((name) => block(1, name)), block(2, "y"), block(4, op), ...attributes), block(2, "g"),
    ...Object.entries(constants).map(([name, list]) => constant(name, list instanceof Float32Array ? 1 : 7, list)), value(11, "x", x), value(12, "y", y)),
  block(8, block(1, ""), number(2, opset)),
]);
const bounds = { low: Float32Array.of(0), high: Float32Array.of(6) };
const cases = {
  Elu: { op: "Elu", attributes: [float("alpha", 0.5)] },
  Celu: { op: "Celu", attributes: [float("alpha", 2)] },
  "Clip, opset 6": { op: "Clip", attributes: [float("min", 0), float("max", 6)], opset: 6 },
  "Clip, opset 11": { op: "Clip", constants: bounds, opset: 11 },
  "Gather, -1": { op: "Gather", constants: { i: BigInt64Array.of(-1n) }, y: [] },
  LeakyRelu: { op: "LeakyRelu", attributes: [float("alpha", 0.5)] },
  Flatten: { op: "Flatten", attributes: [int("axis", 0)], x: [2, 2], y: [1, 4] },
};
await init();
defaultDevice("wasm");
const numbers = Float32Array.of(-2, -1, 0, 8);
const show = (dims, data) => `[${Array.from(dims).join(", ")}] ${Array.from(data, (x) => Number(x.toFixed(3))).join(" ")}`;
const seen = {};
for (const [name, each] of Object.entries(cases)) {
  const bytes = model(each);
  const dims = each.x ?? [4];
  const { y } = new ONNXModel(bytes).run({ x: numpy.array(numbers.slice()).reshape(dims) });
  const session = await ort.InferenceSession.create(bytes, { graphOptimizationLevel: "disabled", logSeverityLevel: 4 });
  const { y: right } = await session.run({ x: new ort.Tensor("float32", numbers, dims) });
  seen[name] = [show(y.shape, await y.data()), show(right.dims, right.data)];
}
console.log(seen);
const expected = {
  Elu: ["[4] -0.865 -0.632 0 8", "[4] -0.432 -0.316 0 8"],
  Celu: ["[4] -0.865 -0.632 0 8", "[4] -1.264 -0.787 0 8"],
  "Clip, opset 6": ["[4] -2 -1 0 8", "[4] 0 0 0 6"],
  "Clip, opset 11": ["[4] 0 0 0 6", "[4] 0 0 0 6"],
  "Gather, -1": ["[] -2", "[] 8"],
  LeakyRelu: ["[4] -1 -0.5 0 8", "[4] -1 -0.5 0 8"],
  Flatten: ["[4, 1] -2 -1 0 8", "[1, 4] -2 -1 0 8"],
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
ONNXRUNTIME_NODE_INSTALL=skip node look.js 2> errors || { cat errors; exit 1; }
