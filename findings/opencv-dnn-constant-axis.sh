#!/usr/bin/env bash
# OpenCV's DNN lays the constants of an ONNX Add, Sub, Mul or Div along the channels where the file lays them along rows or columns: no error, other numbers.
#
# Debian 12: python3-opencv 4.6.0+dfsg-12, ONNX opset 13. ONNX broadcasts from the last axis on: a constant of [w] belongs to columns, of [h, 1] to rows, of [h, w] to
# places, whatever the channels. A guess: it does so here, or the file is refused. A constant that is no single number becomes a Scale or Shift layer instead,
# which begins at axis 1 and takes the constant's numbers as they come. Where the sizes do not fit that is an error; where they do (as many rows or
# columns as channels, as in masks, position tables, and whatever was written for channels last) the network answers, wrongly. PRelu's slopes go the same way.
# Seen, x 1 to 8 as [1, 2, 2, 2] (right):
#   x * [10 20]:                10 20 30 40 100 120 140 160 (10 40 30 80 50 120 70 160)
#   x * [10; 30]:               10 20 30 40 150 180 210 240 (10 20 90 120 50 60 210 240)
#   x * [10 20; 30 40]:         10 20 60 80 150 180 280 320 (10 40 90 160 50 120 210 320)
#   x + [10 20] as [1, 2]:      11 12 23 24 15 16 27 28     (11 22 13 24 15 26 17 28); as [2] right
#   x + [10 20; 30 40]:         right; as [1, 1, 2, 2]: 11 12 23 24 35 36 47 48 (11 22 33 44 15 26 37 48)
#   PRelu of -x, slopes 0.1 0.5: -0.1 -0.2 -0.3 -0.4 -2.5 -3 -3.5 -4 (-0.1 -1 -0.3 -2 -0.5 -3 -0.7 -4)
#   x * [2, 1, 1], by channels, and by one number: right
# Way out: constants written in full, as [1, 2, 2, 2] here, which are right with all four.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
/usr/bin/python3 -c "import cv2, onnx" 2> /dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-opencv python3-onnx > /dev/null
}
/usr/bin/python3 - <<'PYTHON'
import cv2, numpy, onnx
from onnx import TensorProto, helper, numpy_helper

x = numpy.arange(1, 9, dtype=numpy.float32).reshape(1, 2, 2, 2)
places = numpy.array([[10, 20], [30, 40]], numpy.float32)

def answer(op, constant, x=x):
    info = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 2, 2, 2]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node(op, ["x", "c"], ["y"])], "g", info[:1], info[1:], [numpy_helper.from_array(constant, "c")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
    onnx.checker.check_model(model)
    network = cv2.dnn.readNetFromONNX(numpy.frombuffer(model.SerializeToString(), numpy.uint8))
    network.setInput(x)
    return network.forward()

print("OpenCV", cv2.__version__)
text = lambda numbers: " ".join("%g" % n for n in numbers.ravel().round(2))
compute = {"Add": numpy.add, "Sub": numpy.subtract, "Mul": numpy.multiply, "Div": numpy.divide}
shapes = {"one number": places[0, :1], "channels [2, 1, 1]": places[0].reshape(2, 1, 1), "columns [2]": places[0], "columns [1, 2]": places[:1], "rows [2, 1]": places[:, :1],
          "in full": places + numpy.zeros_like(x), "places [2, 2]": places, "places [1, 1, 2, 2]": places.reshape(1, 1, 2, 2)}
wrong = set()
for op in compute:
    for name, constant in shapes.items():
        seen, right = answer(op, constant), compute[op](x, constant)
        if not numpy.allclose(seen, right):
            wrong.add((op, name))
            print(f"{op} {name}: {text(seen)} right {text(right)}")
products = {"columns [2]", "columns [1, 2]", "rows [2, 1]", "places [2, 2]", "places [1, 1, 2, 2]"}
sums = {"columns [1, 2]", "places [1, 1, 2, 2]"}
expected = {(op, name) for op in ("Mul", "Div") for name in products} | {(op, name) for op in ("Add", "Sub") for name in sums}
assert wrong == expected, "it behaves otherwise now"
assert answer("Mul", places).ravel().tolist() == [10, 20, 60, 80, 150, 180, 280, 320], "it behaves otherwise now"
slopes = answer("PRelu", numpy.array([0.1, 0.5], numpy.float32), -x)
assert numpy.allclose(slopes, numpy.array([-0.1, -0.2, -0.3, -0.4, -2.5, -3, -3.5, -4]).reshape(x.shape)), "it behaves otherwise now"
assert answer("Add", places[:1]).ravel().tolist() == [11, 12, 23, 24, 15, 16, 27, 28], "it behaves otherwise now"
PYTHON
