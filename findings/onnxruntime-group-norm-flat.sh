#!/usr/bin/env bash
# ONNX Runtime's GroupNormalization is NaN where a picture is flat, and wrong where it is bright and nearly flat; its LayerNormalization is right there.
#
# npm onnxruntime-node 1.30.0 (CPU), ONNX opset 21. A norm is (x - mean) / sqrt(variance + epsilon), and epsilon is there so that an even group gives 0. A guess: a group of equal numbers
# gives 0, as InstanceNormalization does up to a rounding; one group of one channel is the same thing. ONNX defines this operation as a function of others, which
# ONNX Runtime computes as it stands, in float32: the mean of squares less the square of the mean. Both are large where the mean is, and what is
# left of the difference is rounding; where that is below -epsilon the root is NaN. A blank area, a black bar, or a masked face is enough, and NaN spreads.
# Seen, 7 x 7 pixels, one group, scale 1, shift 0, epsilon 1e-5:
#   even pictures of 0.1, 0.2 ... 100: NaN for 312 of the 1,000 (on another processor for others)    (InstanceNormalization: none, all within 0.01 of 0; LayerNormalization: none, within 0.01)
# 8 x 8 pixels that alternate between 0.1 below and 0.1 above a number (right is -1 1):
#   around 10: -0.999 0.999    300: -1.131 1.131    1000: -31.6 31.6    (InstanceNormalization: within 0.001 of -1 1 each time)
# (That the operation has no code of its own is known: microsoft/onnxruntime, issue 24538.)
# Way out: a Reshape to [n, groups, -1], InstanceNormalization, a Reshape back, then scale and shift, which is how exporters wrote it before opset 18.
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
const int = (name, n) => block(5, block(1, name), number(3, n), number(20, 2));
const constant = (name, n, sizes) => block(5, ...sizes.map((size) => number(1, size)), number(2, 1), block(8, name), block(9, Buffer.from(new Float32Array(sizes.reduce((a, b) => a * b)).fill(n).buffer)));
const value = (field, name, sizes) => block(field, block(1, name), block(2, block(1, number(1, 1), block(2, ...sizes.map((size) => block(1, number(1, size)))))));
const model = (op, side, weights, ...attributes) => Buffer.concat([
  number(1, 10),
  block(7, block(1, block(1, "x"), block(1, "scale"), block(1, "shift"), block(2, "y"), block(4, op), ...attributes), block(2, "g"),
    constant("scale", 1, weights), constant("shift", 0, weights), value(11, "x", [1, 1, side, side]), value(12, "y", [1, 1, side, side])),
  block(8, block(1, ""), number(2, 21)),
]);
const norms = {
  group: (side) => model("GroupNormalization", side, [1], int("num_groups", 1)),
  instance: (side) => model("InstanceNormalization", side, [1]),
  layer: (side) => model("LayerNormalization", side, [1, side, side], int("axis", 1)),
};
const answer = async (norm, side, pixel) => {
  const session = await ort.InferenceSession.create(norms[norm](side));
  const { y } = await session.run({ x: new ort.Tensor("float32", Float32Array.from({ length: side * side }, (_, i) => pixel(i)), [1, 1, side, side]) });
  return y.data;
};
(async () => {
  const flat = {}, edged = {};
  for (const norm of Object.keys(norms)) {
    edged[norm] = [];
    const session = await ort.InferenceSession.create(norms[norm](7));
    let worst = 0;
    let undefinedPictures = 0;
    for (let level = 1; level <= 1000; level++) {
      const { y } = await session.run({ x: new ort.Tensor("float32", new Float32Array(49).fill(level / 10), [1, 1, 7, 7]) });
      if (Number.isNaN(y.data[0])) undefinedPictures++;
      else worst = Math.max(worst, Math.abs(y.data[0]));
    }
    flat[norm] = { undefinedPictures, worst };
    for (const level of [10, 300, 1000]) edged[norm].push((await answer(norm, 8, (i) => level + (i % 2 ? 0.1 : -0.1)))[1]);
  }
  console.log("onnxruntime-node", require("onnxruntime-node/package.json").version, "flat", flat, "two levels", edged);
  const isNear = (list, right, by) => list.every((n) => Math.abs(n - right) < by);
  const isQuiet = ({ undefinedPictures, worst }) => undefinedPictures === 0 && worst < 0.01;
  const isAsSeen = flat.group.undefinedPictures > 20 && isQuiet(flat.instance) && isQuiet(flat.layer) &&
    Math.abs(edged.group[0] - 1) < 0.002 && edged.group[1] > 1.1 && edged.group[2] > 20 && isNear(edged.instance, 1, 0.002) && isNear(edged.layer, 1, 0.002);
  if (!isAsSeen) throw new Error("this has changed");
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs 2> /dev/null
