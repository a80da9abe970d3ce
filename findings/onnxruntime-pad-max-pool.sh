#!/usr/bin/env bash
# ONNX Runtime leaves zeros out of a maximum: a Pad in front of a MaxPool becomes the pool's own padding, which counts as minus infinity.
#
# npm onnxruntime-node 1.30.0 (CPU), ONNX opset 11 to 23; onnxruntime-web 1.30.0 (WASM) does the same. A guess: optimising a graph changes answers by
# roundings. From the level "basic" on, Pad of the constant 0 is given to the MaxPool behind it, though the specification says of MaxPool's padding
# that it is left out of the maximum. Behind a ReLU nobody sees it; where numbers may be negative (LeakyReLU, PReLU, Swish, a norm) the border of
# every map is another one, without an error. Keras's ZeroPadding2D and MaxPooling2D are written so. A padding that grows over the pool's window by being
# added to the pool's own is refused when the session is made, also in front of AveragePool, where zeros do count the same in both.
# Seen: 4 x 4 pixels of -1 in a frame of zeros, the maximum of each second 3 x 3:
#   disabled: 0 0 0 -1 (right)
#   basic and all: -1 -1 -1 -1
#   a frame of 2 and an AveragePool with pads of 1, kernel 3, count_include_pad 1: 8 x 8 values when disabled, refused by basic and all
# It was reported (microsoft/onnxruntime, issue 24737, closed without a change).
# Way out: the setting extra.optimization.disable_specified_optimizers = "Pad_Fusion", or `axes` of the Pad (opset 18), with which it is left alone.
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
const ints = (name, list) => block(5, block(1, name), ...list.map((n) => number(8, n)), number(20, 7));
const int = (name, n) => block(5, block(1, name), number(3, n), number(20, 2));
const node = (op, inputs, output, ...attributes) => block(1, ...inputs.map((name) => block(1, name)), block(2, output), block(4, op), ...attributes);
const longs = (name, list) => block(5, number(1, list.length), number(2, 7), block(8, name), block(9, Buffer.from(BigInt64Array.from(list.map(BigInt)).buffer)));
const zero = block(5, number(2, 1), block(8, "zero"), block(9, Buffer.alloc(4)));
const model = (frame, pool, ...attributes) => Buffer.concat([
  number(1, 8),
  block(7,
    node("Pad", ["x", "frame", "zero"], "framed"),
    node(pool, ["framed"], "y", ints("kernel_shape", [3, 3]), ...attributes),
    block(2, "g"), longs("frame", [0, 0, frame, frame, 0, 0, frame, frame]), zero,
    value(11, "x", [1, 1, 4, 4]), value(12, "y", [1, 1, "h", "w"])),
  block(8, block(1, ""), number(2, 17)),
]);
const answer = async (bytes, options) => {
  let session;
  try {
    session = await ort.InferenceSession.create(bytes, options);
  } catch (error) {
    return /Pad should be smaller than kernel/i.test(error.message) ? "refused" : error.message;
  }
  const { y } = await session.run({ x: new ort.Tensor("float32", new Float32Array(16).fill(-1), [1, 1, 4, 4]) });
  return y.data.length > 4 ? `${y.data.length} values` : Array.from(y.data).join(" ");
};
(async () => {
  const maximum = model(1, "MaxPool", ints("strides", [2, 2]));
  const mean = model(2, "AveragePool", ints("pads", [1, 1, 1, 1]), int("count_include_pad", 1));
  const seen = {};
  for (const graphOptimizationLevel of ["disabled", "basic", "all"]) seen[graphOptimizationLevel] = [await answer(maximum, { graphOptimizationLevel }), await answer(mean, { graphOptimizationLevel })];
  seen.without = [await answer(maximum, { extra: { optimization: { disable_specified_optimizers: "Pad_Fusion" } } })];
  console.log("onnxruntime-node", require("onnxruntime-node/package.json").version, seen);
  const wrong = ["-1 -1 -1 -1", "refused"];
  const expected = { disabled: ["0 0 0 -1", "64 values"], basic: wrong, all: wrong, without: ["0 0 0 -1"] };
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs 2> /dev/null
