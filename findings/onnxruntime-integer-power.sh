#!/usr/bin/env bash
# ONNX Runtime raises whole numbers to powers in floating point: the square of an int64 by Pow is not what Mul gives, without an error.
#
# npm onnxruntime-node 1.30.0 (CPU), ONNX opset 17; onnxruntime-web 1.30.0 (WASM) does the same. ONNX's Pow takes int64 and gives the base's type. A guess: whole numbers in, an exact
# whole number out, as long as it fits; NumPy and PyTorch give it, and so does Mul here. Pow computes in double, which holds whole numbers up to 2^53 alone; from there
# on the last digits are others, odd numbers become even, and what is made of them (a hash, an index packed of several, a remainder) is wrong.
# Seen (right): 3^39 4052555153018976256 (4052555153018976267)    3037000499^2 9223372030926248960 (9223372030926249001, which Mul gives)
#   the remainder of 3^39 by 10: 6 (7)    94906267^2 9007199515875288 (9007199515875289)    10^18 and 2^62 are exact
# A sum of squares by Pow and ReduceSum is off in the same way from values of 94906267 on. Way out: Mul for squares and cubes.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error onnxruntime-node@1.30.0 onnxruntime-web@1.30.0 > /dev/null
cat > run.cjs <<'JS'
const node = require("onnxruntime-node");
const web = require("onnxruntime-web");
// A protocol buffer by hand: field number and wire type, then a varint or a length and bytes.
const varint = (n) => { const out = []; for (; n > 127; n = Math.floor(n / 128)) out.push((n % 128) | 128); return Buffer.from([...out, n]); };
const number = (field, n) => Buffer.concat([varint(field * 8), varint(n)]);
const block = (field, ...parts) => { const body = Buffer.concat(parts.map((part) => Buffer.from(part))); return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]); };
const value = (field, name) => block(field, block(1, name), block(2, block(1, number(1, 7), block(2, block(1, block(2, "n"))))));
const model = (op) => Buffer.concat([
  number(1, 8),
  block(7, block(1, block(1, "a"), block(1, "b"), block(2, "y"), block(4, op)), block(2, "g"), value(11, "a"), value(11, "b"), value(12, "y")),
  block(8, block(1, ""), number(2, 17)),
]);
const bases = [3n, 3037000499n, 94906267n, 10n, 2n];
const exponents = [39n, 2n, 2n, 18n, 62n];
const right = bases.map((base, i) => base ** exponents[i]);
(async () => {
  const seen = {};
  for (const [name, ort] of Object.entries({ node, web })) {
    const run = async (op, a, b) => {
      const session = await ort.InferenceSession.create(model(op));
      return (await session.run({ a: new ort.Tensor("int64", BigInt64Array.from(a), [a.length]), b: new ort.Tensor("int64", BigInt64Array.from(b), [b.length]) })).y.data;
    };
    seen[name] = { power: [...(await run("Pow", bases, exponents))], product: [...(await run("Mul", bases.slice(1, 3), bases.slice(1, 3)))] };
  }
  console.log("ONNX Runtime", require("onnxruntime-node/package.json").version, seen, "right", right);
  const expected = [4052555153018976256n, 9223372030926248960n, 9007199515875288n, 10n ** 18n, 2n ** 62n];
  for (const { power, product } of Object.values(seen)) {
    if (String(power) !== String(expected) || String(product) !== String(right.slice(1, 3))) throw new Error("this has changed");
  }
  process.exit(0);
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs 2> /dev/null
