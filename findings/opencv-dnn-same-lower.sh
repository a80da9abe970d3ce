#!/usr/bin/env bash
# OpenCV's DNN pads auto_pad SAME_LOWER as SAME_UPPER: maps move by a pixel, without an error.
#
# Debian 12: python3-opencv 4.6.0+dfsg-12, python3-onnx 1.12.0-2+b4, opset 13. Where an odd number of pixels is to be padded, as for kernels of even size, ONNX
# puts the one more behind for SAME_UPPER and in front for SAME_LOWER. A guess: both are read, as VALID and `pads` are, or the one that is not is refused.
# Seen, the row 1 2 3 4, kernel 1 x 2, stride 1 (right for SAME_LOWER is in brackets):
#                SAME_UPPER   SAME_LOWER
#   MaxPool      2 3 4 4      2 3 4 4 (1 2 3 4)
#   Conv of ones 3 5 7 4      3 5 7 4 (1 3 5 7)
# ConvTranspose takes either for another padding than ONNX's: with stride 2 and kernel 3 the row has 7 values instead of 4 x 2 = 8. There
# `output_shape` does not help, which is not read: [1, 10] is asked for, 9 are given; `output_padding` is read.
# Way out: write `pads`, and output_padding for ConvTranspose.
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

row = numpy.array([1, 2, 3, 4], numpy.float32).reshape(1, 1, 1, 4)
numbers = lambda values: " ".join(str(int(n)) for n in values.ravel())
ones = lambda width: {"w": numpy.ones((1, 1, 1, width), numpy.float32)}
seen = {}
for way in ("SAME_UPPER", "SAME_LOWER"):
    seen[way] = [numbers(answer(row, 13, "MaxPool", kernel_shape=[1, 2], auto_pad=way)), numbers(answer(row, 13, "Conv", ones(2), kernel_shape=[1, 2], auto_pad=way))]
    seen[way].append(answer(row, 13, "ConvTranspose", ones(3), kernel_shape=[1, 3], strides=[1, 2], auto_pad=way).shape[-1])
written = [numbers(answer(row, 13, "MaxPool", kernel_shape=[1, 2], pads=[0, 1, 0, 0])), numbers(answer(row, 13, "Conv", ones(2), kernel_shape=[1, 2], pads=[0, 1, 0, 0]))]
asked = answer(row, 13, "ConvTranspose", ones(3), kernel_shape=[1, 3], strides=[1, 2], output_shape=[1, 10]).shape[-1]
padded = answer(row, 13, "ConvTranspose", ones(3), kernel_shape=[1, 3], strides=[1, 2], output_padding=[0, 1]).shape[-1]
print("OpenCV", cv2.__version__, seen, "written as pads:", written, "output_shape 10:", asked, "output_padding 1:", padded)
upper = ["2 3 4 4", "3 5 7 4", 7]
assert seen == {"SAME_UPPER": upper, "SAME_LOWER": upper} and written == ["1 2 3 4", "1 3 5 7"] and (asked, padded) == (9, 10), "it behaves otherwise now"
PYTHON
