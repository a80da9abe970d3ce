#!/usr/bin/env bash
# OpenCV's reader of ONNX files takes Max and Min of two computed tensors, and refuses them where one is a constant; Add and Mul take both.
#
# Debian 12: python3-opencv 4.6.0+dfsg-12, python3-onnx 1.12.0-2+b4. A guess: Max(x, c) is read as Add(x, c) is, where c is an initializer.
# Seen, of files that onnx.checker passes (opset 13, x of 1 x 3 float32 numbers, c of the shapes [], [1] and [1, 3]):
#   Max and Min of x and its double: right;
#   Add and Mul of x and c: right, in all three shapes;
#   Max and Min of x and c: cv2.error while the file is read, in all three shapes;
#   Clip with its bounds as initializers (its only way since opset 11): cv2.error too;
#   c + Relu(x - c), which is Max(x, c): right.
# A network that is to be opened by OpenCV writes its bounds with Relu.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
/usr/bin/python3 -c "import onnx, cv2" 2> /dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-onnx python3-opencv > /dev/null
}
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
/usr/bin/python3 - <<'PYTHON'
import sys
import cv2, numpy, onnx
from onnx import TensorProto, helper, numpy_helper

given = numpy.array([[0.1, 0.2, 0.9]], numpy.float32)


def answer(nodes, constants):
    """What OpenCV computes of x, or None where it does not read the file."""
    x, y = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3]) for name in ("x", "y")]
    initializers = [numpy_helper.from_array(numpy.asarray(value, numpy.float32), name) for name, value in constants.items()]
    graph = helper.make_graph([helper.make_node(*node) for node in nodes], "bounds", [x], [y], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 7
    onnx.checker.check_model(model)
    onnx.save(model, "bounds.onnx")
    try:
        network = cv2.dnn.readNetFromONNX("bounds.onnx")
    except cv2.error:
        return None
    network.setInput(given)
    return network.forward()


def is_right(found, expected):
    return found is not None and numpy.allclose(found, expected)


problems = []
for op, function in {"Max": numpy.maximum, "Min": numpy.minimum}.items():
    both = answer([("Add", ["x", "x"], ["double"]), (op, ["x", "double"], ["y"])], {})
    print(op, "of two computed tensors:", both)
    if not is_right(both, function(given, 2 * given)):
        problems.append(f"{op} of computed tensors")
for shape in ([], [1], [1, 3]):
    constant = numpy.full(shape, 0.25)
    for op, function in {"Add": numpy.add, "Mul": numpy.multiply}.items():
        found = answer([(op, ["x", "c"], ["y"])], {"c": constant})
        print(op, shape, found)
        if not is_right(found, function(given, constant)):
            problems.append(f"{op} {shape}")
    for op in ("Max", "Min"):
        found = answer([(op, ["x", "c"], ["y"])], {"c": constant})
        print(op, shape, "refused" if found is None else found)
        if found is not None:
            problems.append(f"{op} {shape} is read")
clip = answer([("Clip", ["x", "low", "high"], ["y"])], {"low": 0.15, "high": 0.8})
relu = answer([("Sub", ["x", "c"], ["more"]), ("Relu", ["more"], ["part"]), ("Add", ["part", "c"], ["y"])], {"c": [[0.25, 0.25, 0.25]]})
print("Clip", "refused" if clip is None else clip, "Relu", relu)
if clip is not None:
    problems.append("Clip is read")
if not is_right(relu, numpy.maximum(given, 0.25)):
    problems.append("Relu")
if problems:
    sys.exit("changed: " + ", ".join(problems))
print(f"as described: OpenCV {cv2.__version__}, onnx {onnx.__version__}")
PYTHON
