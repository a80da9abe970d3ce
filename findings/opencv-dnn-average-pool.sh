#!/usr/bin/env bash
# OpenCV's DNN leaves the padding out of every mean: an ONNX AveragePool with count_include_pad = 1 gives other numbers, without an error.
#
# Debian 12: python3-opencv 4.6.0+dfsg-12, python3-onnx 1.12.0-2+b4, opset 13. PyTorch's AvgPool2d counts the padding by default, so its
# exports carry the attribute.
# Seen: 2 x 2 ones, kernel 3 x 3, padding 1, stride 2: OpenCV gives 1.0, right is 4 / 9 = 0.444 (what is padded counts as zeros).
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
/usr/bin/python3 -c "import cv2, onnx" 2> /dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-opencv python3-onnx > /dev/null
}
/usr/bin/python3 - 2> /dev/null <<'PYTHON'
import cv2, numpy, onnx
from onnx import TensorProto, helper

node = helper.make_node("AveragePool", ["x"], ["y"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2], count_include_pad=1)
x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 2, 2])
y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, 1, 1])
graph = helper.make_graph([node], "pool", [x], [y])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
onnx.checker.check_model(model, full_check=True)
network = cv2.dnn.readNetFromONNX(numpy.frombuffer(model.SerializeToString(), numpy.uint8))
network.setInput(numpy.ones((1, 1, 2, 2), numpy.float32))
answer = float(network.forward().ravel()[0])
print("OpenCV", cv2.__version__, "gives", answer, " right:", 4 / 9)
assert answer == 1.0, "it behaves otherwise now"
PYTHON
