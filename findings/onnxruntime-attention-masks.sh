#!/usr/bin/env bash
# ONNX Runtime's Attention takes no mask that is one row for all queries, which is what a padding mask is; nor the shorter masks of opset 24; nor a scale below or at 0.
#
# npm onnxruntime-node 1.30.0 (CPU), ONNX opset 23 and 24. ONNX's own Attention has a mask whose shape "must be broadcastable" to [N, heads, queries, keys]; from 24 on its last axis may be shorter, and what is missing
# counts as minus infinity. A guess: a mask that says which keys are padding is [N, 1, 1, keys], as exporters and every other operation broadcast it. Batch and heads are broadcast, queries and keys are
# not: such a network is made into a session and fails when it runs ("inconsistent q_sequence_length (between attn_mask and Q)"). Where there is one query it works, so that a decoder is right from its second token on,
# and a first try with one token too. Scores are multiplied by `scale`, any number; one that is not above 0 (a learnt temperature that was folded in with its sign) is refused when the session is made.
# Seen, 2 pictures, 2 heads, 3 queries, 5 keys, mask:
#   [3, 5]  [2, 3, 5]  [2, 1, 3, 5]  [1, 2, 3, 5]:                           answers, as by MatMul, Add, Softmax, MatMul
#   [1, 5]  [1, 1, 1, 5]  [2, 1, 1, 5]  [2, 2, 1, 5]  [3, 1]  [5]:           refused when run; by MatMul, Add, Softmax, MatMul they answer
#   opset 24, [3, 4]:                                                        refused when run
#   one query, [2, 1, 1, 5]:                                                 answers
#   scale 0.5: answers      scale -0.5: refused when made
# Way out: Expand the mask to all queries before.
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
const node = (op, inputs, output, ...attributes) => block(1, ...inputs.map((name) => block(1, name)), block(2, output), block(4, op), ...attributes);
const float = (name, x) => block(5, block(1, name), Buffer.concat([varint(2 * 8 + 5), Buffer.from(Float32Array.of(x).buffer)]), number(20, 1));
const ints = (name, list) => block(5, block(1, name), ...list.map((n) => number(8, n)), number(20, 7));
const scale = 0.5;
const written = [node("Transpose", ["k"], "kt", ints("perm", [0, 1, 3, 2])), node("MatMul", ["q", "kt"], "qk"), node("Mul", ["qk", "scale"], "scores"), node("Add", ["scores", "m"], "masked"), node("Softmax", ["masked"], "shares"), node("MatMul", ["shares", "v"], "y")];
const constant = block(5, number(2, 1), block(8, "scale"), block(9, Buffer.from(Float32Array.of(scale).buffer)));
const model = (nodes, queries, mask, opset) => Buffer.concat([
  number(1, 10),
  block(7, ...nodes, block(2, "g"), constant, value(11, "q", [2, 2, queries, 4]), value(11, "k", [2, 2, 5, 4]), value(11, "v", [2, 2, 5, 4]), value(11, "m", mask), value(12, "y", ["a", "b", "c", "d"])),
  block(8, block(1, ""), number(2, opset)),
]);
const tensor = (dims) => { const size = dims.reduce((a, b) => a * b, 1); return new ort.Tensor("float32", Float32Array.from({ length: size }, (_, i) => Math.sin(i * 1.7 + size)), dims); };
async function answer(nodes, queries, mask, opset) {
  let session;
  try {
    session = await ort.InferenceSession.create(model(nodes, queries, mask, opset), { logSeverityLevel: 4 });
  } catch {
    return "refused when made";
  }
  try {
    const { y } = await session.run({ q: tensor([2, 2, queries, 4]), k: tensor([2, 2, 5, 4]), v: tensor([2, 2, 5, 4]), m: tensor(mask) }, { logSeverityLevel: 4 });
    return Array.from(y.data);
  } catch {
    return "refused when run";
  }
}
const attention = (factor) => [node("Attention", ["q", "k", "v", "m"], "y", float("scale", factor))];
(async () => {
  const seen = {};
  for (const opset of [23, 24]) for (const mask of [[3, 5], [2, 3, 5], [2, 1, 3, 5], [1, 2, 3, 5], [1, 5], [1, 1, 1, 5], [2, 1, 1, 5], [2, 2, 1, 5], [3, 1], [5]]) {
    const [said, right] = [await answer(attention(scale), 3, mask, opset), await answer(written, 3, mask, opset)];
    const isRight = typeof said !== "string" && said.every((number, i) => Math.abs(number - right[i]) < 1e-5);
    seen[`${opset}: ${mask}`] = `${isRight ? "right" : String(said)}${typeof right === "string" ? ", written out refused" : ""}`;
  }
  seen["24: 3,4"] = String(await answer(attention(scale), 3, [3, 4], 24));
  const one = await answer(attention(scale), 1, [2, 1, 1, 5], 23);
  seen["one query"] = typeof one === "string" ? one : "answers";
  seen["scale -0.5"] = String(await answer(attention(-scale), 3, [3, 5], 23));
  console.log("onnxruntime-node", require("onnxruntime-node/package.json").version, seen);
  const expected = {};
  for (const opset of [23, 24]) {
    for (const mask of ["3,5", "2,3,5", "2,1,3,5", "1,2,3,5"]) expected[`${opset}: ${mask}`] = "right";
    for (const mask of ["1,5", "1,1,1,5", "2,1,1,5", "2,2,1,5", "3,1", "5"]) expected[`${opset}: ${mask}`] = "refused when run";
  }
  Object.assign(expected, { "24: 3,4": "refused when run", "one query": "answers", "scale -0.5": "refused when made" });
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs
