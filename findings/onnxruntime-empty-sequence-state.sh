#!/usr/bin/env bash
# ONNX Runtime's LSTM, GRU and RNN forget the state that they were given where a sequence has no steps: it comes back as zeros, not as it was.
#
# npm onnxruntime-node 1.30.0 (CPU), ONNX opset 14; onnxruntime-web 1.30.0 (WASM) does the same. Recurrent networks run on streams piece by piece: initial_h goes in, Y_h comes out and goes in
# with the next piece; sequence_lens says how many steps each row of the batch has in this piece. A guess: a row of 0 steps (a face that was not seen in this second, a speaker who was silent)
# keeps its state, since Y_h is the state behind the last step, and of none that is the initial one; a Loop or Scan of the same equations gives that. Rows of one step and more are right, and Y
# is zeros behind the end, as specified. So whoever pads a batch of streams loses a track's memory at its first gap, without an error, and cells with it.
# Seen, two rows, initial state 0.5 -0.25 each (LSTM's cells 2 -1), steps 0 and 1, Y_h (Y_c) of the first row:
#   LSTM 0 0 (0 0)      GRU 0 0      RNN 0 0      each also with direction "reverse"
#   the second row: as with a length of 1 alone
# Way out: Where(length > 0, Y_h, initial_h) behind it, and the same for the cells.
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
const value = (field, name, sizes, type = 1) => block(field, block(1, name), block(2, block(1, number(1, type), block(2, ...sizes.map((size) => block(1, number(1, size)))))));
const int = (name, n) => block(5, block(1, name), number(3, n), number(20, 2));
const text = (name, s) => block(5, block(1, name), block(4, s), number(20, 3));
const weights = (name, sizes, seed) => { const count = sizes.reduce((a, b) => a * b, 1); return block(5, ...sizes.map((size) => number(1, size)), number(2, 1), block(8, name), block(9, Buffer.from(Float32Array.from({ length: count }, (_, i) => Math.sin(i + seed)).buffer))); };
function model(op, direction) {
  const gates = { LSTM: 4, GRU: 3, RNN: 1 }[op];
  const outputs = op === "LSTM" ? ["Y", "Y_h", "Y_c"] : ["Y", "Y_h"];
  const inputs = ["x", "w", "r", "", "lens", "h", ...(op === "LSTM" ? ["c"] : [])];
  const shapes = { Y: [1, 1, 2, 2], Y_h: [1, 2, 2], Y_c: [1, 2, 2] };
  return Buffer.concat([
    number(1, 8),
    block(7,
      block(1, ...inputs.map((name) => block(1, name)), ...outputs.map((name) => block(2, name)), block(4, op), int("hidden_size", 2), text("direction", direction)),
      block(2, "g"), weights("w", [1, 2 * gates, 3], 1), weights("r", [1, 2 * gates, 2], 2),
      value(11, "x", [1, 2, 3]), value(11, "lens", [2], 6), value(11, "h", [1, 2, 2]), ...(op === "LSTM" ? [value(11, "c", [1, 2, 2])] : []),
      ...outputs.map((name) => value(12, name, shapes[name]))),
    block(8, block(1, ""), number(2, 14)),
  ]);
}
async function run(ort, op, direction, lengths) {
  const session = await ort.InferenceSession.create(model(op, direction), { logSeverityLevel: 4 });
  const floats = (dims, ...list) => new ort.Tensor("float32", Float32Array.from(list), dims);
  const feeds = { x: floats([1, 2, 3], 1, 2, 3, 1, 2, 3), lens: new ort.Tensor("int32", Int32Array.from(lengths), [2]), h: floats([1, 2, 2], 0.5, -0.25, 0.5, -0.25) };
  if (op === "LSTM") feeds.c = floats([1, 2, 2], 2, -1, 2, -1);
  const { Y_h: h, Y_c: c } = await session.run(feeds);
  const row = (i) => [h, c].filter(Boolean).map(({ data }) => Array.from(data.slice(2 * i, 2 * i + 2), (n) => Number(n.toFixed(4))).join(" ")).join(" | ");
  return [row(0), row(1)];
}
(async () => {
  const seen = {};
  for (const [name, ort] of [["node", require("onnxruntime-node")], ["web", require("onnxruntime-web")]]) {
    for (const op of ["LSTM", "GRU", "RNN"]) for (const direction of ["forward", "reverse"]) {
      const [none, one] = await run(ort, op, direction, [0, 1]);
      const [alone] = await run(ort, op, direction, [1, 1]);
      seen[`${name} ${op} ${direction}`] = `${none}${one === alone && one !== none ? "" : ", and the second row differs"}`;
    }
  }
  console.log(seen);
  for (const [name, each] of Object.entries(seen)) if (each !== (name.includes("LSTM") ? "0 0 | 0 0" : "0 0")) throw new Error("this has changed");
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs
