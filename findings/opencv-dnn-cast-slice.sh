#!/usr/bin/env bash
# OpenCV's DNN makes no whole numbers: an ONNX Cast to int passes fractions on. And a Slice whose axis is counted from the end takes every element, whatever its step.
#
# Debian 12: python3-opencv 4.6.0+dfsg-12, python3-onnx 1.12.0-2+b4, opset 13. Cast to a whole number cuts the fraction off; networks have it for bins (an age group of an age), for indices, for rounding by hand and for
# masks (bool: 1 or 0). A guess: the reader does it, or refuses the node, as it does with Mod or Where. It is read as nothing at all, for each type. Slice with a step, by which networks take every second row or column
# (a focus layer, anchors of one kind), is right where its axis is written from the front; -1 is the same axis by ONNX, and then start and end are heeded, the step is not, so that the result has another shape.
# Seen:
#   Cast to int32 and back, of -1.7 0.4 1.5 300.2: -1.7 0.4 1.5 300.2 (right: -1 0 1 300); the same by int64
#   to bool and back: -1.7 0.4 1.5 300.2 (right: 1 1 1 1)
#   Slice of 0 to 15 as [1, 1, 4, 4], start 0, step 2, axis 3: 0 2 4 6 8 10 12 14    axis -1: 0 to 15, [1, 1, 4, 4]    axis 2 and -2: the same
# Way out: Floor instead of Cast; axes from the front.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
/usr/bin/python3 -c "import cv2, onnx" 2> /dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-opencv python3-onnx > /dev/null
}
/usr/bin/python3 - 2> /dev/null <<'PYTHON'
import cv2, numpy, onnx
from onnx import TensorProto, helper, numpy_helper

def answer(x, *nodes, **constants):
    graph = helper.make_graph(
        list(nodes), "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)], [helper.make_tensor_value_info("y", TensorProto.FLOAT, list("abcd")[: x.ndim])],
        [numpy_helper.from_array(numpy.array([value]), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
    onnx.checker.check_model(model, full_check=True)
    network = cv2.dnn.readNetFromONNX(numpy.frombuffer(model.SerializeToString(), numpy.uint8))
    network.setInput(x)
    return network.forward()

numbers = numpy.array([[-1.7, 0.4, 1.5, 300.2]], numpy.float32)
square = numpy.arange(16, dtype=numpy.float32).reshape(1, 1, 4, 4)
print("OpenCV", cv2.__version__)
for name, type in (("int32", TensorProto.INT32), ("int64", TensorProto.INT64), ("bool", TensorProto.BOOL)):
    said = answer(numbers, helper.make_node("Cast", ["x"], ["whole"], to=type), helper.make_node("Cast", ["whole"], ["y"], to=TensorProto.FLOAT))
    print(f"Cast to {name} and back:", said.ravel().tolist())
    assert numpy.array_equal(said, numbers), "it behaves otherwise now"
floor = answer(numbers, helper.make_node("Floor", ["x"], ["y"]))
assert floor.ravel().tolist() == [-2, 0, 1, 300], "it behaves otherwise now"
for axis in (3, -1, 2, -2):
    said = answer(square, helper.make_node("Slice", ["x", "start", "end", "axis", "step"], ["y"]), start=0, end=4, axis=axis, step=2)
    right = square[:, :, :, ::2] if axis in (3, -1) else square[:, :, ::2]
    print(f"Slice, step 2, axis {axis}:", list(said.shape), said.ravel().astype(int).tolist())
    assert numpy.array_equal(said, right if axis > 0 else square), "it behaves otherwise now"
PYTHON
