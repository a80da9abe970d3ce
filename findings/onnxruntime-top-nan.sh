#!/usr/bin/env bash
# ONNX Runtime's TopK drops the best score because of one NaN elsewhere: the two largest of 1 NaN 3 2 are 1 and NaN; and what it is for a maximum depends on where the NaN stands.
#
# npm onnxruntime-node 1.30.0 (CPU) and onnxruntime-web 1.30.0 (WASM), which agree here, ONNX opset 17. A detector's scores, of which one is NaN (0 / 0 in a norm, a flat crop), go through TopK to the boxes that are kept. A guess:
# NaN counts as the largest, as in NumPy's and PyTorch's sorting, or as the smallest; either way the other places are the best of the rest. TopK of 1 leaves NaN out unless it is first. TopK of
# several keeps a heap; comparisons with NaN are all false, so that once it is on top nothing behind it gets in, and which scores are lost depends on where it stands. ReduceMax has NaN only if it is first, and
# Hardmax, which leaves it out, gives no class at all then.
# Seen, of NaN 1 3 2, 1 NaN 3 2, 3 NaN 1 2, 1 3 2 NaN:
#   TopK, 2:    NaN 3       1 NaN       3 NaN       3 2
#   TopK, 1:    NaN         3           3           3
#   ReduceMax:  NaN         3           3           3
#   Hardmax:    0 0 0 0     0 0 1 0     1 0 0 0     0 1 0 0
# Way out: Where(IsNaN(x), -inf, x) in front, with which all agree: 3 2, 3, 3, and the class of the 3.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error onnxruntime-node@1.30.0 onnxruntime-web@1.30.0 > /dev/null
cat > run.cjs <<'JS'
// A protocol buffer by hand: field number and wire type, then a varint or a length and bytes.
const varint = (n) => { const out = []; for (; n > 127; n = Math.floor(n / 128)) out.push((n % 128) | 128); return Buffer.from([...out, n]); };
const number = (field, n) => Buffer.concat([varint(field * 8), varint(n)]);
const block = (field, ...parts) => { const body = Buffer.concat(parts.map((part) => Buffer.from(part))); return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]); };
const value = (field, name, type, sizes) => block(field, block(1, name), block(2, block(1, number(1, type), block(2, ...sizes.map((size) => block(1, number(1, size)))))));
const node = (op, inputs, outputs) => block(1, ...inputs.map((name) => block(1, name)), ...outputs.map((name) => block(2, name)), block(4, op));
const constant = (name, type, list) => block(5, number(1, list.length), number(2, type), block(8, name), block(9, Buffer.from(list.buffer)));
const model = (isGuarded) => {
  const x = isGuarded ? "clean" : "x";
  return Buffer.concat([
    number(1, 8),
    block(7,
      ...(isGuarded ? [node("IsNaN", ["x"], ["isNaN"]), node("Where", ["isNaN", "lowest", "x"], ["clean"])] : []),
      node("TopK", [x, "two"], ["top2", "i2"]), node("TopK", [x, "one"], ["top1", "i1"]), node("ReduceMax", [x], ["max"]), node("Hardmax", [x], ["hard"]),
      block(2, "g"), constant("two", 7, BigInt64Array.of(2n)), constant("one", 7, BigInt64Array.of(1n)), constant("lowest", 1, Float32Array.of(-Infinity)),
      value(11, "x", 1, [1, 4]), value(12, "top2", 1, [1, 2]), value(12, "top1", 1, [1, 1]), value(12, "max", 1, [1, 1]), value(12, "hard", 1, [1, 4])),
    block(8, block(1, ""), number(2, 17)),
  ]);
};
(async () => {
  const seen = {};
  for (const [name, ort] of [["node", require("onnxruntime-node")], ["web", require("onnxruntime-web")]]) for (const isGuarded of [false, true]) {
    const session = await ort.InferenceSession.create(model(isGuarded), { graphOptimizationLevel: "disabled", logSeverityLevel: 4 });
    for (const list of [[NaN, 1, 3, 2], [1, NaN, 3, 2], [3, NaN, 1, 2], [1, 3, 2, NaN]]) {
      const results = await session.run({ x: new ort.Tensor("float32", Float32Array.from(list), [1, 4]) });
      seen[`${name}${isGuarded ? ", guarded" : ""}: ${list.join(" ")}`] = ["top2", "top1", "max", "hard"].map((each) => Array.from(results[each].data, Number).join(" ")).join(" | ");
    }
  }
  console.log(seen);
  const expected = { "NaN 1 3 2": "NaN 3 | NaN | NaN | 0 0 0 0", "1 NaN 3 2": "1 NaN | 3 | 3 | 0 0 1 0", "3 NaN 1 2": "3 NaN | 3 | 3 | 1 0 0 0", "1 3 2 NaN": "3 2 | 3 | 3 | 0 1 0 0" };
  const guarded = { "NaN 1 3 2": "3 2 | 3 | 3 | 0 0 1 0", "1 NaN 3 2": "3 2 | 3 | 3 | 0 0 1 0", "3 NaN 1 2": "3 2 | 3 | 3 | 1 0 0 0", "1 3 2 NaN": "3 2 | 3 | 3 | 0 1 0 0" };
  for (const name of ["node", "web"]) for (const list of Object.keys(expected)) if (seen[`${name}: ${list}`] !== expected[list] || seen[`${name}, guarded: ${list}`] !== guarded[list]) throw new Error("this has changed");
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs
