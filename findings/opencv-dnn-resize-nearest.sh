#!/usr/bin/env bash
# OpenCV's DNN has one way of Resize to the nearest pixel, for most of the twenty that ONNX files may ask for: no error, other pixels.
#
# Debian 12: python3-opencv 4.6.0+dfsg-12, python3-onnx 1.12.0-2+b4, opset 11. A guess: what is not built is refused, as `tf_half_pixel_for_nn` is. Seen:
# `nearest_mode` is not read, and of coordinate_transformation_mode only align_corners changes anything; all others cut off (asymmetric, floor), the
# default of ONNX too (half_pixel, round_prefer_floor). Twice as large all are alike; made smaller, or larger by another factor, they are not.
# Seen, the row 0 10 20 30 (right is in brackets):
#   to 3, half_pixel, round_prefer_floor: 0 10 20 (0 10 30)       to 2, half_pixel, ceil:         0 20 (10 30)
#   to 3, asymmetric, ceil:               0 10 20 (0 20 30)       to 6, asymmetric, ceil:         0 0 10 20 20 30 (0 10 20 20 30 30)
#   to 3, asymmetric, floor:              0 10 20, right          to 6, align_corners, floor:     0 10 10 20 20 30 (0 0 10 10 20 30)
# Way out: asymmetric and floor, as PyTorch's own exports have it; else Gather with the indices written out.
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

row = numpy.array([0, 10, 20, 30], numpy.float32).reshape(1, 1, 1, 4)
rounding = {"floor": numpy.floor, "ceil": numpy.ceil, "round_prefer_floor": lambda at: numpy.ceil(at - 0.5)}
def both(size, grid, mode):
    none = numpy.zeros(0, numpy.float32)
    got = answer(row, 11, "Resize", {"roi": none, "scales": none, "sizes": numpy.array([1, 1, 1, size], numpy.int64)}, mode="nearest", coordinate_transformation_mode=grid, nearest_mode=mode)
    i = numpy.arange(size)
    at = {"half_pixel": (i + 0.5) * 4 / size - 0.5, "asymmetric": i * 4 / size, "align_corners": i * 3 / (size - 1)}[grid]
    right = row.ravel()[numpy.clip(rounding[mode](numpy.round(at, 9)), 0, 3).astype(int)]
    return [" ".join(str(int(n)) for n in values) for values in (got.ravel(), right)]

seen = {f"{size} {grid} {mode}": both(size, grid, mode) for size, grid, mode in [
    (3, "half_pixel", "round_prefer_floor"), (2, "half_pixel", "ceil"), (3, "asymmetric", "ceil"), (6, "asymmetric", "ceil"), (3, "asymmetric", "floor"), (6, "align_corners", "floor"), (8, "half_pixel", "round_prefer_floor")]}
print("OpenCV", cv2.__version__, "got and right:", seen)
cut = "0 0 10 20 20 30"
assert list(seen.values()) == [["0 10 20", "0 10 30"], ["0 20", "10 30"], ["0 10 20", "0 20 30"], [cut, "0 10 20 20 30 30"], ["0 10 20", "0 10 20"], ["0 10 10 20 20 30", "0 0 10 10 20 30"], ["0 0 10 10 20 20 30 30"] * 2], "it behaves otherwise now"
PYTHON
