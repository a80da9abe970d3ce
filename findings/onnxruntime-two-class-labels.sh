#!/usr/bin/env bash
# ONNX Runtime's classifiers of two classes name the second class where its score is the lower one: forests, and support vectors without vectors.
#
# npm onnxruntime-node 1.30.0 (CPU), ai.onnx.ml opset 3. TreeEnsembleClassifier and SVMClassifier give a label and a score a class. The specification says of the first: "the top class
# for each point". A guess: the label is the class of the largest score, as it is with three classes. Seen, with two: where each leaf of a forest has a
# weight for either class, the label is the second class as soon as its score is above 0, be it 0.1 beside 0.9, so that only leaves that are pure ever say
# the first one. A linear SVMClassifier (one row of coefficients for each class, no vectors) says the second class always. Scores are right in all of these.
# Seen, label (scores):
#   tree, leaves 0.9 0.1, 0.4 0.6, 1 0:             1 (0.9 0.1)  1 (0.4 0.6)  0 (1 0)
#   the same tree, a third class without weights:   0 (0.9 0.1 0)  1 (0.4 0.6 0)  0 (1 0 0)
#   SVM, rows 1 0 and 0 1, of 1 -1 and -1 1:        1 (1 -1)  1 (-1 1)
#   the same with a third row 0 0:                  0 (1 -1 0)  1 (-1 1 0)
# (Another wrong label of forests, in 1.26 alone, was reported and mended: microsoft/onnxruntime, issue 28557.)
# Way out: take the largest score oneself and leave the label; or give a forest the second class's weights alone, with which 0.5 is the limit.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error onnxruntime-node@1.30.0 > /dev/null
cat > run.cjs <<'JS'
const ort = require("onnxruntime-node");
// A protocol buffer by hand: field number and wire type, then a varint, four bytes, or a length and bytes.
const varint = (n) => { const out = []; for (; n > 127; n = Math.floor(n / 128)) out.push((n % 128) | 128); return Buffer.from([...out, n]); };
const number = (field, n) => Buffer.concat([varint(field * 8), varint(n)]);
const float = (field, n) => Buffer.concat([varint(field * 8 + 5), Buffer.from(Float32Array.of(n).buffer)]);
const block = (field, ...parts) => { const body = Buffer.concat(parts.map((part) => Buffer.from(part))); return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]); };
const ints = (name, list) => block(5, block(1, name), ...list.map((n) => number(8, n)), number(20, 7));
const floats = (name, list) => block(5, block(1, name), ...list.map((n) => float(7, n)), number(20, 6));
const texts = (name, list) => block(5, block(1, name), ...list.map((text) => block(9, text)), number(20, 8));
const text = (name, value) => block(5, block(1, name), block(4, value), number(20, 3));
const value = (field, name, type, sizes) => block(field, block(1, name), block(2, block(1, number(1, type), block(2, ...sizes.map((size) => block(1, typeof size === "number" ? number(1, size) : block(2, size)))))));
const model = (op, width, classes, ...attributes) => Buffer.concat([
  number(1, 8),
  block(7, block(1, block(1, "x"), block(2, "label"), block(2, "scores"), block(4, op), block(7, "ai.onnx.ml"), ...attributes), block(2, "g"),
    value(11, "x", 1, ["n", width]), value(12, "label", 7, ["n"]), value(12, "scores", 1, ["n", classes])),
  block(8, block(1, "ai.onnx.ml"), number(2, 3)),
]);
// Two questions, x <= 1 and x <= 2, so three leaves; each has a weight for the classes 0 and 1.
const tree = (classes) => model("TreeEnsembleClassifier", 1, classes,
  ints("nodes_treeids", [0, 0, 0, 0, 0]), ints("nodes_nodeids", [0, 1, 2, 3, 4]), ints("nodes_featureids", [0, 0, 0, 0, 0]), floats("nodes_values", [1, 0, 2, 0, 0]),
  texts("nodes_modes", ["BRANCH_LEQ", "LEAF", "BRANCH_LEQ", "LEAF", "LEAF"]), ints("nodes_truenodeids", [1, 0, 3, 0, 0]), ints("nodes_falsenodeids", [2, 0, 4, 0, 0]),
  ints("class_treeids", [0, 0, 0, 0, 0, 0]), ints("class_nodeids", [1, 1, 3, 3, 4, 4]), ints("class_ids", [0, 1, 0, 1, 0, 1]), floats("class_weights", [0.9, 0.1, 0.4, 0.6, 1, 0]),
  ints("classlabels_int64s", [...Array(classes).keys()]));
const vectors = (classes) => model("SVMClassifier", 2, classes,
  text("kernel_type", "LINEAR"), floats("kernel_params", [1, 0, 1]), floats("rho", [0]), floats("coefficients", [1, 0, 0, 1, 0, 0].slice(0, 2 * classes)), ints("classlabels_ints", [...Array(classes).keys()]));
const answer = async (bytes, rows) => {
  const session = await ort.InferenceSession.create(bytes);
  const { label, scores } = await session.run({ x: new ort.Tensor("float32", rows.flat(), [rows.length, rows[0].length]) });
  const classes = scores.dims[1];
  return Array.from(label.data, (n, i) => `${n} (${Array.from(scores.data.slice(i * classes, (i + 1) * classes), (s) => Number(s.toFixed(3))).join(" ")})`).join("  ");
};
(async () => {
  const trees = [[0], [2], [3]];
  const points = [[1, -1], [-1, 1]];
  const seen = [await answer(tree(2), trees), await answer(tree(3), trees), await answer(vectors(2), points), await answer(vectors(3), points)];
  console.log("onnxruntime-node", require("onnxruntime-node/package.json").version, seen);
  const expected = ["1 (0.9 0.1)  1 (0.4 0.6)  0 (1 0)", "0 (0.9 0.1 0)  1 (0.4 0.6 0)  0 (1 0 0)", "1 (1 -1)  1 (-1 1)", "0 (1 -1 0)  1 (-1 1 0)"];
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs 2> /dev/null
