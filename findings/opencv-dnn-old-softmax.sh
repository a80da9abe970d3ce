#!/usr/bin/env bash
# OpenCV's DNN has a third reading of ONNX's Softmax, between that of older files and that of newer ones: probabilities sum to the number of pixels.
#
# Debian 12: python3-opencv 4.6.0+dfsg-12, python3-onnx 1.12.0-2+b4. Up to opset 12, Softmax with axis k makes a matrix of its input, whose rows are all axes from
# k on, and 1 is the default; from 13 on it works along one axis, the last by default. A guess: a reader that takes both opsets tells them apart. Seen: the
# axis is taken alone, as in 13, and the default is 1, as before, whatever the opset. Behind [N, C] all is the same, so classifiers are right; heat maps of
# landmarks that older exporters wrote with axis 1 or 2 are not, and attention whose file leaves out the default of 13 is taken along its heads.
# Seen, Softmax of the 1 x 1 x 2 x 2 values 0 1 2 3:
#   axis 1, opset 13:     1 1 1 1 (right, one channel)
#   axis 1, opset 11:     1 1 1 1 (right is 0.032 0.087 0.237 0.644)
#   axis 2, opset 11:     0.119 0.119 0.881 0.881, each column by itself (right is the same as with axis 1)
#   no axis, opset 13:    1 1 1 1 (right is 0.269 0.731 0.269 0.731, which axis 3 gives)
# Way out: write the axis, and in older files Flatten, Softmax and Reshape.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
/usr/bin/python3 -c "import cv2, onnx" 2> /dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-opencv python3-onnx > /dev/null
}
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
/usr/bin/python3 - 2> /dev/null <<'PYTHON'
import cv2, numpy, onnx
from onnx import TensorProto, helper, numpy_helper

def answer(x, opset, operation, constants=None, **attributes):
    """What OpenCV makes of one node on x."""
    constants = constants or {}
    x = numpy.asarray(x, numpy.float32)
    node = helper.make_node(operation, ["x", *constants], ["y"], **attributes)
    values = [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape), helper.make_tensor_value_info("y", TensorProto.FLOAT, [f"size{i}" for i in range(x.ndim)])]
    graph = helper.make_graph([node], "g", values[:1], values[1:], [numpy_helper.from_array(value, name) for name, value in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=7)
    onnx.checker.check_model(model, full_check=True)
    network = cv2.dnn.readNetFromONNX(numpy.frombuffer(model.SerializeToString(), numpy.uint8))
    network.setInput(x)
    return network.forward()

x = numpy.arange(4).reshape(1, 1, 2, 2)
rounded = lambda values: " ".join(f"{n:.3f}" for n in values.ravel())
exponentials = numpy.exp(x.astype(float))
right = rounded(exponentials / exponentials.sum())
seen = {f"opset {opset}, axis {axis}": rounded(answer(x, opset, "Softmax", axis=axis)) for opset in (11, 13) for axis in (1, 2, 3)}
default = [rounded(answer(x, opset, "Softmax")) for opset in (11, 13)]
print("OpenCV", cv2.__version__, seen, "right for axis 1 and 2 of opset 11:", right, "default:", default)
ones, columns, rows = "1.000 1.000 1.000 1.000", "0.119 0.119 0.881 0.881", "0.269 0.731 0.269 0.731"
assert right == "0.032 0.087 0.237 0.644" and list(seen.values()) == [ones, columns, rows] * 2 and default == [ones, ones], "it behaves otherwise now"
PYTHON
