#!/usr/bin/env bash
# Python's onnx empties the model that it saves with external data: saved once more, plain or elsewhere, it is a file without its weights.
#
# Debian 12: python3-onnx 1.12.0-2+b4. A guess: onnx.save(model, path, save_as_external_data=True) writes the model and leaves it as it is.
# Seen, of a matrix of 32 x 32 float32 numbers (4,096 bytes):
#   after saving, the tensor of the model in memory has 0 bytes and names the file that its numbers went to;
#   the same model saved again to another folder, with or without external data: 145 bytes and no file of data, without an error or a
#   warning; onnx.load fails there;
#   a model that was loaded, saved over its own files: the file of data is not replaced, it grows to 8,192 bytes, and the old half is dead.
# A program that saves a model under two names has to save copies (copy.deepcopy, or onnx.load again), into folders without a file of data.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
/usr/bin/python3 -c "import onnx" 2> /dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-onnx > /dev/null
}
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
/usr/bin/python3 - <<'PYTHON'
import os, sys
import numpy, onnx
from onnx import TensorProto, helper, numpy_helper

matrix = numpy_helper.from_array(numpy.arange(1024, dtype=numpy.float32).reshape(32, 32), "w")
x, y = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 32]) for name in ("x", "y")]
model = helper.make_model(helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"])], "product", [x], [y], [matrix]))
onnx.checker.check_model(model)
for name in ("first", "second", "plain"):
    os.mkdir(name)

outside = {"save_as_external_data": True, "location": "net.data"}
onnx.save(model, "first/net.onnx", **outside)
left = len(model.graph.initializer[0].raw_data)
onnx.save(model, "second/net.onnx", **outside)
onnx.save(model, "plain/net.onnx")
found = {name: (sorted(os.listdir(name)), os.path.getsize(f"{name}/net.onnx")) for name in ("second", "plain")}
try:
    onnx.load("second/net.onnx")
    opens = True
except FileNotFoundError:
    opens = False
again = onnx.load("first/net.onnx")
onnx.save(again, "first/net.onnx", **outside)
grown = os.path.getsize("first/net.data")

print(f"onnx {onnx.__version__}: {left} bytes left in memory; second {found['second']}, opens: {opens}; plain {found['plain']}; data {grown}")
without = (["net.onnx"], 145)
sys.exit(0 if left == 0 and found == {"second": without, "plain": without} and not opens and grown == 8192 else 1)
PYTHON
