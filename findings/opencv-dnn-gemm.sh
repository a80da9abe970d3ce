#!/usr/bin/env bash
# OpenCV's DNN takes the constant matrix of an ONNX Gemm for a transposed one, whatever the node says, and leaves out its factors.
#
# Debian 12: python3-opencv 4.6.0+dfsg-12, python3-onnx 1.12.0-2+b4, opset 13.
# `Y = alpha X W + beta C` with transB = 0, the default: where W is square, OpenCV gives X W^T without an error (where it is not, the
# file is refused or the run fails). With transB = 1 the matrix is right, but alpha and beta count as 1.
# Seen: X = [1, 10], W = [[1, 2], [3, 4]], C = [0, 0]: OpenCV [21, 43], right is [31, 42].
#       The same with transB = 1, alpha = 0.5: OpenCV [21, 43], right is [10.5, 21.5].
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

matrix = numpy.array([[1, 2], [3, 4]], numpy.float32)
x = numpy.array([[1, 10]], numpy.float32)

def answer(**attributes):
    node = helper.make_node("Gemm", ["x", "w", "c"], ["y"], **attributes)
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 2]) for name in ("x", "y")]
    constants = [numpy_helper.from_array(matrix, "w"), numpy_helper.from_array(numpy.zeros(2, numpy.float32), "c")]
    graph = helper.make_graph([node], "gemm", values[:1], values[1:], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
    onnx.checker.check_model(model, full_check=True)
    network = cv2.dnn.readNetFromONNX(numpy.frombuffer(model.SerializeToString(), numpy.uint8))
    network.setInput(x)
    return network.forward().ravel().tolist()

plain, factored = answer(), answer(transB=1, alpha=0.5)
print("OpenCV", cv2.__version__)
print("transB = 0:             ", plain, " right:", (x @ matrix).ravel().tolist())
print("transB = 1, alpha = 0.5:", factored, " right:", (0.5 * x @ matrix.T).ravel().tolist())
assert plain == [21, 43] and factored == [21, 43], "it behaves otherwise now"
PYTHON
