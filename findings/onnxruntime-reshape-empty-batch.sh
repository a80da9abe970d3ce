#!/usr/bin/env bash
# ONNX Runtime's optimising makes a network that takes an empty batch one that is refused with it.
#
# npm onnxruntime-node 1.30.0 (CPU); onnxruntime-web 1.30.0 (WASM) does the same. Whoever cuts faces out of pictures has no face at times: a batch of 0.
# Exporters write `x.reshape(x.shape[0], x.shape[1] * x.shape[2] * x.shape[3])` as Shape, Gather, Mul and Concat in front of Reshape. A guess: what the
# graph says, [0, 12] of x [0, 3, 2, 2], is the answer at every level. Seen, of batches of 2 and 0:
#   [N, C * H * W]: "disabled" [2, 12] and [0, 12]; "basic" and "all" [2, 12] and, of 0, an error when it runs
#   [N, C, H * W]: likewise, "disabled" [2, 3, 4] and [0, 3, 4]; "basic" and "all" an error of 0
#   [N, 12], a constant beside the batch: [2, 12] and [0, 12] at every level
# The sizes that are computed become the constant [0, -1]: 0 for "as it was", and -1, which nobody can find from no numbers ("the input tensor cannot be
# reshaped to the requested shape"). A -1 that stands in the file is refused at every level.
# Way out: run nothing on an empty batch; or the setting extra.optimization.disable_specified_optimizers = "ReshapeFusion"; or Flatten.
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
const value = (field, name, sizes) => block(field, block(1, name), block(2, block(1, number(1, 1), block(2, ...sizes.map((size) => block(1, typeof size === "number" ? number(1, size) : block(2, size)))))));
const axis0 = block(5, block(1, "axis"), number(3, 0), number(20, 2));
const node = (op, inputs, output, ...attributes) => block(1, ...inputs.map((name) => block(1, name)), block(2, output), block(4, op), ...attributes);
const longs = (name, sizes, ...list) => block(5, ...sizes.map((size) => number(1, size)), number(2, 7), block(8, name), block(9, Buffer.from(BigInt64Array.from(list.map(BigInt)).buffer)));
/** One size of x, as a list. */
const sizeAt = (axis) => [node("Gather", ["sizes", `at${axis}`], `scalar${axis}`, axis0), node("Unsqueeze", [`scalar${axis}`, "first"], `size${axis}`)];
const product = [node("Mul", ["size2", "size3"], "area"), node("Mul", ["size1", "area"], "volume")];
const model = (parts, rank) => Buffer.concat([
  number(1, 10),
  block(7,
    node("Shape", ["x"], "sizes"), ...[0, 1, 2, 3].flatMap(sizeAt), ...product,
    node("Concat", parts, "target", axis0), node("Reshape", ["x", "target"], "y"),
    block(2, "g"), longs("first", [1], 0), longs("twelve", [1], 12), longs("infer", [1], -1), ...[0, 1, 2, 3].map((axis) => longs(`at${axis}`, [], axis)),
    value(11, "x", ["N", 3, "H", "W"]), value(12, "y", ["a", "b", "c"].slice(0, rank))),
  block(8, block(1, ""), number(2, 21)),
]);
const cases = {
  "[N, C * H * W]": model(["size0", "volume"], 2),
  "[N, C, H * W]": model(["size0", "size1", "area"], 3),
  "[N, 12]": model(["size0", "twelve"], 2),
  "[N, -1]": model(["size0", "infer"], 2),
};
(async () => {
  let asBefore = true;
  for (const name of ["onnxruntime-node", "onnxruntime-web"]) {
    const ort = require(name);
    const seen = {};
    for (const [shape, file] of Object.entries(cases)) {
      const answers = async (options) => {
        const session = await ort.InferenceSession.create(file, { ...options, logSeverityLevel: 4 });
        const given = [];
        for (const count of [2, 0]) {
          const x = new ort.Tensor("float32", new Float32Array(12 * count), [count, 3, 2, 2]);
          given.push(await session.run({ x }, { logSeverityLevel: 4 }).then(({ y }) => y.dims.join(), () => "error"));
        }
        return given.join(" ");
      };
      seen[shape] = [];
      for (const graphOptimizationLevel of ["disabled", "basic", "all"]) seen[shape].push(await answers({ graphOptimizationLevel }));
      seen[shape].push(await answers({ extra: { optimization: { disable_specified_optimizers: "ReshapeFusion" } } }));
    }
    console.log(name, "disabled, basic, all, without:", seen);
    const expected = {
      "[N, C * H * W]": ["2,12 0,12", "2,12 error", "2,12 error", "2,12 0,12"],
      "[N, C, H * W]": ["2,3,4 0,3,4", "2,3,4 error", "2,3,4 error", "2,3,4 0,3,4"],
      "[N, 12]": ["2,12 0,12", "2,12 0,12", "2,12 0,12", "2,12 0,12"],
      "[N, -1]": ["2,12 error", "2,12 error", "2,12 error", "2,12 error"],
    };
    asBefore &&= JSON.stringify(seen) === JSON.stringify(expected);
  }
  if (!asBefore) console.log("this has changed");
  process.exit(asBefore ? 0 : 1);
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs
