#!/usr/bin/env bash
# ONNX Runtime moves a Transpose past operations and leaves what they say along axes behind: valid networks are refused, or give another shape.
#
# npm onnxruntime-node 1.30.0 (CPU); onnxruntime-web 1.30.0 (WASM) does the same. Networks that were converted between TensorFlow's order of axes and
# ONNX's stand between pairs of Transpose, which optimising cancels by carrying the first one through to the second. A guess: the operations between are
# turned along, as the older ones are. Seen, of x [1, 2, 4, 6], Transpose to [1, 4, 6, 2], the operation, Transpose back:
#   Resize with `axes` 1 and 2 (opset 18), scales 2 and 2: "disabled" and "basic" give [1, 2, 8, 12]; "all": error when it runs
#   Pad with `axes` 1 and 2 (opset 18): "disabled" [1, 2, 6, 8]; "basic" and "all": error when it runs
#   CenterCropPad of axes 1 and 2, which is made of Pad: the same, "disabled" [1, 2, 5, 5]; "basic" [1, 2, 5, 5], "all": error when it runs
#   Pad with all four axes, in the order 1, 2, 3, 0: "disabled" [1, 2, 6, 8]; "basic" and "all" [1, 4, 4, 8], without an error
#   DequantizeLinear with a scale a block (opset 21): "disabled" [1, 2, 4, 6]; "basic" and "all": error when it runs
# Pads and scales are turned as if there were one for each axis of the tensor; what `axes` says, and the blocks' scales, stay as they were.
# Way out: sizes and pads for all axes in their natural order, or the setting extra.optimization.disable_specified_optimizers =
# "TransposeOptimizer;TransposeOptimizer_CPUExecutionProvider".
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
const value = (field, name, type, sizes) => block(field, block(1, name), block(2, block(1, number(1, type), block(2, ...sizes.map((size) => block(1, typeof size === "number" ? number(1, size) : block(2, size)))))));
const ints = (name, list) => block(5, block(1, name), ...list.map((n) => number(8, n)), number(20, 7));
const int = (name, n) => block(5, block(1, name), number(3, n), number(20, 2));
const node = (op, inputs, output, ...attributes) => block(1, ...inputs.map((name) => block(1, name)), block(2, output), block(4, op), ...attributes);
const constant = (name, type, sizes, list) => block(5, ...sizes.map((size) => number(1, size)), number(2, type), block(8, name), block(9, Buffer.from(list.buffer)));
const longs = (name, ...list) => constant(name, 7, [list.length], BigInt64Array.from(list.map(BigInt)));
const floats = (name, ...list) => constant(name, 1, [list.length], Float32Array.from(list));
const model = ({ inputs, attributes = [], constants, type = 1 }, op) => Buffer.concat([
  number(1, 10),
  block(7,
    node("Transpose", ["x"], "last", ints("perm", [0, 2, 3, 1])),
    node(op, ["last", ...inputs], "done", ...attributes),
    node("Transpose", ["done"], "y", ints("perm", [0, 3, 1, 2])),
    block(2, "g"), ...constants,
    value(11, "x", type, [1, 2, 4, 6]), value(12, "y", 1, ["a", "b", "c", "d"])),
  block(8, block(1, ""), number(2, 21)),
]);
const cases = {
  Resize: { inputs: ["", "scales"], attributes: [ints("axes", [1, 2])], constants: [floats("scales", 2, 2)] },
  Pad: { inputs: ["pads", "", "axes"], constants: [longs("pads", 1, 1, 1, 1), longs("axes", 1, 2)] },
  CenterCropPad: { inputs: ["shape"], attributes: [ints("axes", [1, 2])], constants: [longs("shape", 5, 5)] },
  "Pad of four": { inputs: ["pads", "", "axes"], constants: [longs("pads", 1, 1, 0, 0, 1, 1, 0, 0), longs("axes", 1, 2, 3, 0)] },
  DequantizeLinear: { inputs: ["blocks"], attributes: [int("axis", 2), int("block_size", 3)], constants: [constant("blocks", 1, [1, 4, 2, 2], new Float32Array(16).fill(1))], type: 2 },
};
(async () => {
  const seen = {};
  for (const [name, each] of Object.entries(cases)) {
    const answer = async (options) => {
      const x = each.type === 2 ? new ort.Tensor("uint8", new Uint8Array(48), [1, 2, 4, 6]) : new ort.Tensor("float32", new Float32Array(48), [1, 2, 4, 6]);
      try {
        const session = await ort.InferenceSession.create(model(each, name.split(" ")[0]), { ...options, logSeverityLevel: 4 });
        return (await session.run({ x }, { logSeverityLevel: 4 })).y.dims.join();
      } catch {
        return "error";
      }
    };
    seen[name] = [];
    for (const graphOptimizationLevel of ["disabled", "basic", "all"]) seen[name].push(await answer({ graphOptimizationLevel }));
    seen[name].push(await answer({ extra: { optimization: { disable_specified_optimizers: "TransposeOptimizer;TransposeOptimizer_CPUExecutionProvider" } } }));
  }
  console.log("onnxruntime-node", require("onnxruntime-node/package.json").version, "disabled, basic, all, without:", seen);
  const expected = {
    Resize: ["1,2,8,12", "1,2,8,12", "error", "1,2,8,12"],
    Pad: ["1,2,6,8", "error", "error", "1,2,6,8"],
    CenterCropPad: ["1,2,5,5", "1,2,5,5", "error", "1,2,5,5"],
    "Pad of four": ["1,2,6,8", "1,4,4,8", "1,4,4,8", "1,2,6,8"],
    DequantizeLinear: ["1,2,4,6", "error", "error", "1,2,4,6"],
  };
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs
