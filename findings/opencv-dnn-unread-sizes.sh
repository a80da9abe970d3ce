#!/usr/bin/env bash
# OpenCV's DNN does not read how an ONNX Split divides, how far apart a MaxPool looks, nor how large a ConvTranspose is to be: other shapes and numbers, no error.
#
# Debian 12: python3-opencv 4.6.0+dfsg-12. A guess: an attribute that a reader does not know is refused, as this one refuses many. These are passed over. Split's sizes are an
# attribute in files up to opset 12, which is read, and an input from 13 on, which is not: then all parts are equal, so that boxes and
# scores of a detector's head are cut apart in the wrong place. Dilations are heeded by Conv, not by MaxPool and ConvTranspose; output_shape and
# auto_pad SAME of a ConvTranspose are as if they were not there.
# Seen:
#   Split of 4 columns into 1 and 3: opset 11: 1 and 3; opset 13: 2 and 2
#   MaxPool, kernel 2, dilations 2, of 0 to 15 as 4 x 4: 3 x 3, as without dilations (right: 2 x 2, 10 11 14 15)
#   ConvTranspose, kernel 3, of 2 x 2: dilations 2: 4 x 4, as without (right: 6 x 6)
#     strides 2 and output_shape 4, 4: 5 x 5 (right: 4 x 4)    strides 2 and auto_pad SAME_UPPER: 3 x 3 (right: 4 x 4)
#     strides 2 and pads 1 with output_padding 1: 4 x 4, right
# Way out: opset 11 for Split; pads and output_padding written out; two poolings by slices for one with dilations.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
/usr/bin/python3 -c "import cv2, onnx" 2> /dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-opencv python3-onnx > /dev/null
}
/usr/bin/python3 - <<'PYTHON'
import cv2, numpy, onnx
from onnx import TensorProto, helper, numpy_helper

def answer(op, x, opset, constants={}, outputs=(None,), **attributes):
    """Shapes of what OpenCV gives. `outputs`: the shapes that ONNX says."""
    names = [f"y{i}" for i in range(len(outputs))]
    told = [helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape)) for name, shape in zip(names, outputs)]
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = helper.make_graph([helper.make_node(op, ["x", *constants], names, **attributes)], "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, list(x.shape))], told, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=7)
    onnx.checker.check_model(model, full_check=True)  # with the shapes that ONNX infers, which must be those of `outputs`
    network = cv2.dnn.readNetFromONNX(numpy.frombuffer(model.SerializeToString(), numpy.uint8))
    network.setInput(x)
    return [numpy.array(y) for y in network.forward(names)]

def sizes(arrays):
    return " and ".join(" x ".join(str(n) for n in y.shape[2:]) for y in arrays)

square = numpy.arange(16, dtype=numpy.float32).reshape(1, 1, 4, 4)
small = numpy.array([[[[1, 2], [3, 4]]]], numpy.float32)
kernel = {"w": numpy.arange(1, 10, dtype=numpy.float32).reshape(1, 1, 3, 3)}
parts = [(1, 1, 4, 1), (1, 1, 4, 3)]
pooled = answer("MaxPool", square, 13, outputs=[(1, 1, 2, 2)], kernel_shape=[2, 2], dilations=[2, 2])
seen = {
    "split 11": sizes(answer("Split", square, 11, outputs=parts, axis=3, split=[1, 3])),
    "split 13": sizes(answer("Split", square, 13, {"parts": numpy.array([1, 3])}, parts, axis=3)),
    "pool": f"{sizes(pooled)}: {' '.join(str(int(n)) for n in pooled[0].ravel())}",
    "dilations": sizes(answer("ConvTranspose", small, 13, kernel, [(1, 1, 6, 6)], kernel_shape=[3, 3], dilations=[2, 2])),
    "output_shape": sizes(answer("ConvTranspose", small, 13, kernel, [(1, 1, 4, 4)], kernel_shape=[3, 3], strides=[2, 2], output_shape=[4, 4])),
    "same": sizes(answer("ConvTranspose", small, 13, kernel, [(1, 1, 4, 4)], kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")),
    "output_padding": sizes(answer("ConvTranspose", small, 13, kernel, [(1, 1, 4, 4)], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])),
}
print("OpenCV", cv2.__version__, seen)
expected = {"split 11": "4 x 1 and 4 x 3", "split 13": "4 x 2 and 4 x 2", "pool": "3 x 3: 5 6 7 9 10 11 13 14 15", "dilations": "4 x 4", "output_shape": "5 x 5", "same": "3 x 3", "output_padding": "4 x 4"}
assert seen == expected, "it behaves otherwise now"
PYTHON
