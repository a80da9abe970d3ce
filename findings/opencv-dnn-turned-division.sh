#!/usr/bin/env bash
# OpenCV's DNN divides the larger tensor by the smaller one, whichever stands first: mean / x becomes x / mean. And a mean over channels is taken from rows or from columns.
#
# Debian 12: python3-opencv 4.6.0+dfsg-12, python3-onnx 1.12.0-2+b4, opset 13. ONNX broadcasts the smaller of two tensors, and Div keeps the order of its inputs. A guess: so here, or the file is refused (as
# Sub is where the smaller one comes first). For broadcasting the reader puts the larger tensor first, for Div too, where that is the reciprocal; c / x with a number c is right. What a file divides a
# constant or a computed tensor by (a gain over what was measured, a sum over its parts) comes out upside down, without an error. A computed tensor that Add or Sub broadcast is laid along axes from the
# first that has the sizes, as constants are; where channels, rows and columns are equally many it is the wrong one, elsewhere refused. Mul, and Div with the larger one first, are right.
# Seen, x = 1 2 3 4, 15 18 21 24 as [1, 2, 2, 2] (right):
#   c / x, c = 10 20 by channels:                  0.1 0.2 0.3 0.4 0.75 0.9 1.05 1.2 (10 5 3.33 2.5 1.33 1.11 0.95 0.83)
#   mean of each channel / x:                      0.4 0.8 1.2 1.6 0.77 0.92 1.08 1.23 (2.5 1.25 0.83 0.63 1.3 1.08 0.93 0.81)
#   x / mean of each channel:                      right
#   x - mean over channels, ReduceMean axis 1:     -7 -6 -7 -6 3 6 7 10 (-7 -8 -9 -10 7 8 9 10)
#   x - mean over rows, axis 2:                    -1 0 0 1 -3 0 0 3 (-1 -1 1 1 -3 -3 3 3)
#   x - mean over columns, or over both:           right
# Way out: Reciprocal and Mul; for Sub a Concat of copies, so that both are equally large. With both, and with 1 / x, it is right.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
/usr/bin/python3 -c "import cv2, onnx" 2> /dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-opencv python3-onnx > /dev/null
}
/usr/bin/python3 - 2> /dev/null <<'PYTHON'
import cv2, numpy, onnx
from onnx import TensorProto, helper, numpy_helper

x = numpy.array([1, 2, 3, 4, 15, 18, 21, 24], numpy.float32).reshape(1, 2, 2, 2)
c = numpy.array([10, 20], numpy.float32).reshape(1, 2, 1, 1)

def answer(*nodes):
    shape = [1, 2, 2, 2]
    graph = helper.make_graph(
        list(nodes), "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)], [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(c, "c"), numpy_helper.from_array(numpy.array(1, numpy.float32), "one")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
    onnx.checker.check_model(model, full_check=True)
    network = cv2.dnn.readNetFromONNX(numpy.frombuffer(model.SerializeToString(), numpy.uint8))
    network.setInput(x)
    return network.forward()

def mean(*axes):
    return helper.make_node("ReduceMean", ["x"], ["m"], axes=list(axes))

def binary(op, first, second):
    return helper.make_node(op, [first, second], ["y"])

def x_mean(*axes):
    return x.mean(axes, keepdims=True)

# name: what OpenCV says, what is right, what was seen
cases = {
    "c / x": (answer(binary("Div", "c", "x")), c / x, x / c),
    "mean of channels / x": (answer(mean(2, 3), binary("Div", "m", "x")), x_mean(2, 3) / x, x / x_mean(2, 3)),
    "x / mean of channels": (answer(mean(2, 3), binary("Div", "x", "m")), x / x_mean(2, 3), x / x_mean(2, 3)),
    "1 / x": (answer(binary("Div", "one", "x")), 1 / x, 1 / x),
    "x - mean, axis 1": (answer(mean(1), binary("Sub", "x", "m")), x - x_mean(1), [-7, -6, -7, -6, 3, 6, 7, 10]),
    "x - mean, axis 2": (answer(mean(2), binary("Sub", "x", "m")), x - x_mean(2), [-1, 0, 0, 1, -3, 0, 0, 3]),
    "x - mean, axis 3": (answer(mean(3), binary("Sub", "x", "m")), x - x_mean(3), x - x_mean(3)),
    "x - mean, axes 2, 3": (answer(mean(2, 3), binary("Sub", "x", "m")), x - x_mean(2, 3), x - x_mean(2, 3)),
    "x - copies of the mean, axis 1": (answer(mean(1), helper.make_node("Concat", ["m", "m"], ["copies"], axis=1), binary("Sub", "x", "copies")), x - x_mean(1), x - x_mean(1)),
    "mean of channels * reciprocal of x": (answer(mean(2, 3), helper.make_node("Reciprocal", ["x"], ["r"]), binary("Mul", "m", "r")), x_mean(2, 3) / x, x_mean(2, 3) / x),
    "x * mean, axis 1": (answer(mean(1), binary("Mul", "x", "m")), x * x_mean(1), x * x_mean(1)),
}
print("OpenCV", cv2.__version__)
for name, (said, right, seen) in cases.items():
    print(f"{name}:", *said.ravel().round(2), "right:", *numpy.ravel(right).round(2))
    assert numpy.allclose(said.ravel(), numpy.ravel(seen), atol=1e-4), "it behaves otherwise now"
PYTHON
