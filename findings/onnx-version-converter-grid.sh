#!/usr/bin/env bash
# Python's onnx converts a network to a later opset and moves its enlarged maps by a quarter of a pixel; Hardmax then picks along another axis.
#
# Debian 12: python3-onnx 1.12.0-2+b4; both networks run on npm onnxruntime-node 1.30.0 at "disabled", Node 24. version_converter.convert_version brings an older network to an opset that an optimiser or engine asks
# for. A guess: it answers as before, or is refused, as other conversions are. Up to opset 10 Resize (and Upsample up to 9) had one grid, corners on corners at the top left; from 11 on it is an attribute,
# whose default keeps the middles of pixels. The converter leaves the attribute out. So what a feature pyramid adds, and the boxes that are read from it, are moved by half a pixel of the larger map; smaller
# maps take a mean of two where they took every second value. From 13 on Softmax, LogSoftmax and Hardmax work along one axis, before along all from it on together: of the three,
# Hardmax is not rewritten, so that one number of a map is 1 before and one of each column after. onnx.checker passes all of it.
# Seen, of 0 10 20 30, opset 10 and converted to 11:
#   Resize, linear, doubled:      0 5 10 15 20 25 30 30          0 2.5 7.5 12.5 17.5 22.5 27.5 30
#   Resize, linear, halved:       0 20                           5 25
#   Resize, nearest, doubled:     0 0 10 10 20 20 30 30          the same
#   Upsample, opset 9 to 11:      as Resize, doubled
# Of the 1 x 2 x 2 values 0 10 20 30, axis 1, opset 11 and converted to 13:
#   Hardmax:                      0 0 0 1                        0 0 1 1
#   Softmax, as whole numbers:    0 0 0 1                        0 0 0 1
# Way out: write coordinate_transformation_mode = "asymmetric" (and nearest_mode = "floor") into the converted nodes; Flatten, Hardmax and Reshape.
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
from onnx import TensorProto, helper, numpy_helper, version_converter

def write(name, opset, later, node, shape, scales=None):
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, list("abcd")[: len(shape)])
    constants = [] if scales is None else [numpy_helper.from_array(numpy.array(scales, numpy.float32), "scales")]
    graph = helper.make_graph([node], "g", [x], [y], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=7)
    converted = version_converter.convert_version(model, later)
    for when, each in (("before", model), ("after", converted)):
        onnx.checker.check_model(each)
        onnx.save(each, f"{name}-{when}.onnx")

def resize(mode, op="Resize"):
    return helper.make_node(op, ["x", "scales"], ["y"], mode=mode)

row, square = [1, 1, 1, 4], [1, 2, 2]
write("doubled", 10, 11, resize("linear"), row, [1, 1, 1, 2])
write("halved", 10, 11, resize("linear"), row, [1, 1, 1, 0.5])
write("nearest", 10, 11, resize("nearest"), row, [1, 1, 1, 2])
write("upsample", 9, 11, resize("linear", "Upsample"), row, [1, 1, 1, 2])
write("hardmax", 11, 13, helper.make_node("Hardmax", ["x"], ["y"], axis=1), square)
write("softmax", 11, 13, helper.make_node("Softmax", ["x"], ["y"], axis=1), square)
print("onnx", onnx.__version__)
PYTHON
cat > run.cjs <<'JS'
const ort = require("onnxruntime-node");
async function run(file, dims) {
  const session = await ort.InferenceSession.create(file, { graphOptimizationLevel: "disabled", logSeverityLevel: 4 });
  const { y } = await session.run({ x: new ort.Tensor("float32", Float32Array.of(0, 10, 20, 30), dims) });
  return Array.from(y.data, (value) => Math.round(value * 100) / 100).join(" ");
}
(async () => {
  const seen = {};
  for (const name of ["doubled", "halved", "nearest", "upsample", "hardmax", "softmax"]) {
    const dims = name.endsWith("max") ? [1, 2, 2] : [1, 1, 1, 4];
    seen[name] = [await run(`${name}-before.onnx`, dims), await run(`${name}-after.onnx`, dims)];
  }
  console.log(seen);
  const enlarged = ["0 5 10 15 20 25 30 30", "0 2.5 7.5 12.5 17.5 22.5 27.5 30"];
  const expected = { doubled: enlarged, halved: ["0 20", "5 25"], nearest: ["0 0 10 10 20 20 30 30", "0 0 10 10 20 20 30 30"], upsample: enlarged, hardmax: ["0 0 0 1", "0 0 1 1"], softmax: ["0 0 0 1", "0 0 0 1"] };
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
})();
JS
ONNXRUNTIME_NODE_INSTALL=skip node run.cjs 2> errors || { cat errors; exit 1; }
