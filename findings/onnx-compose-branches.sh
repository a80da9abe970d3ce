#!/usr/bin/env bash
# Python's onnx.compose renames all of a network but what its branches read from outside: of two networks that were merged, the second one's If computes with the first one's values.
#
# Debian 12: python3-onnx 1.12.0-2+b4; the networks run on npm onnxruntime-node 1.30.0, Node 24. merge_models joins two networks; where they have names in common, as networks of one origin have, it asks for a
# prefix, which add_prefix puts before every name. A guess: afterwards each computes what it did alone. Names inside of If, Loop and Scan are left as they are, so that a branch that
# reads a tensor of its network by name (which is what branches do, they have no inputs) looks for a name that its network has no longer. If the other network kept it, as with one prefix, it is found there: the merged file
# passes onnx.checker with all checks, and the answer is wrong. With a prefix for both nothing is found, and the file is refused. onnx.utils.extract_model does not look into branches either, and leaves out the nodes
# that they read, which the check at its end refuses.
# Seen, two copies of y = c ? Relu(x) + 1 : Relu(x) * 1, of x = 5 and x = 7, both c true:
#   each alone:                      6, 8
#   merged, prefix2 = "b/":          6, 6 (passes the checker)
#   merged, prefix1 and prefix2:     refused, "input 'mid' of node ... is not output of any previous nodes"
#   the same without a branch, Relu(x) + 1, prefix2 = "b/":   6, 8
# Way out: rename inside of the branches by oneself, or make names differ when exporting.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
/usr/bin/python3 -c "import onnx" 2> /dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-onnx > /dev/null
}
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts onnxruntime-node@1.30.0
/usr/bin/python3 - <<'PYTHON'
import numpy, onnx
from onnx import TensorProto, compose, helper, numpy_helper

def tensor(name, type=TensorProto.FLOAT, shape=(1,)):
    return helper.make_tensor_value_info(name, type, shape)

def network(has_branch):
    relu = helper.make_node("Relu", ["x"], ["mid"])
    if has_branch:
        sum_ = helper.make_graph([helper.make_node("Add", ["mid", "one"], ["sum"])], "then", [], [tensor("sum")])
        product = helper.make_graph([helper.make_node("Mul", ["mid", "one"], ["product"])], "else", [], [tensor("product")])
        last = helper.make_node("If", ["c"], ["y"], then_branch=sum_, else_branch=product)
    else:
        last = helper.make_node("Add", ["mid", "one"], ["y"])
    inputs = [tensor("x")] + ([tensor("c", TensorProto.BOOL, ())] if has_branch else [])
    one = numpy_helper.from_array(numpy.array([1], numpy.float32), "one")
    graph = helper.make_graph([relu, last], "g", inputs, [tensor("y")], [one])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)

branching, plain = network(True), network(False)
for name, model, prefixes in (("branching", branching, {"prefix2": "b/"}), ("plain", plain, {"prefix2": "b/"})):
    merged = compose.merge_models(model, model, io_map=[], **prefixes)
    onnx.checker.check_model(merged, full_check=True)
    onnx.save(merged, f"{name}.onnx")
onnx.save(branching, "alone.onnx")
print("onnx", onnx.__version__)

def refusal(action):
    try:
        action()
    except Exception as error:
        return type(error).__name__
    return "none"

refused = refusal(lambda: compose.merge_models(branching, branching, io_map=[], prefix1="a/", prefix2="b/"))
extracted = refusal(lambda: onnx.utils.extract_model("alone.onnx", "part.onnx", ["x", "c"], ["y"]))
print("both prefixes:", refused, "| extract_model:", extracted)
assert refused == extracted == "ValidationError", "it behaves otherwise now"
PYTHON
cat > run.cjs <<'JS'
const ort = require("onnxruntime-node");
const tensors = (prefix, x) => ({ [`${prefix}x`]: new ort.Tensor("float32", Float32Array.of(x), [1]), [`${prefix}c`]: new ort.Tensor("bool", Uint8Array.of(1), []) });
async function run(file, feeds) {
  const session = await ort.InferenceSession.create(file, { logSeverityLevel: 4 });
  const known = Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputNames.includes(name)));
  return Object.values(await session.run(known)).map(({ data }) => data[0]).join(", ");
}
(async () => {
  const both = { ...tensors("", 5), ...tensors("b/", 7) };
  const seen = [await run("alone.onnx", tensors("", 5)), await run("alone.onnx", tensors("", 7)), await run("branching.onnx", both), await run("plain.onnx", both)];
  console.log("alone", seen[0], "and", seen[1], "| merged", seen[2], "| merged, without a branch", seen[3]);
  if (JSON.stringify(seen) !== JSON.stringify(["6", "8", "6, 6", "6, 8"])) throw new Error("this has changed");
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs 2> errors || { cat errors; exit 1; }
