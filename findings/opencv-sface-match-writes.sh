#!/usr/bin/env bash
# OpenCV's FaceRecognizerSF.match changes the features that it compares: both come back with length 1, and what is computed of them afterwards is another number.
#
# Debian 12: python3-opencv 4.6.0+dfsg-12. A guess: comparing two features leaves them as they are; C++ takes them as inputs, and the documentation says nothing else. `match` divides
# each by its length in the caller's own memory, rows of a larger matrix too. Cosines do not notice. But lengths are gone, which say how sure a feature is (small for blurred
# faces), a mean over a person's pictures weighs each anew that was compared before, and one's own Euclidean distance depends on what was compared in the
# meantime. Two threads that compare one gallery write to it at once. Arrays that numpy holds read-only are written to as well.
# Seen, 3 4 0 and 6 8 0: before, lengths 5 and 10, distance 5, mean 4.5 6 0
#   after match(..., FR_COSINE), which says 1: 0.6 0.8 0 both, lengths 1 and 1, distance 0, mean 0.6 0.8 0
# (alignCrop and feature leave their inputs alone; the network here is an average, since a feature may come from anywhere.)
# Way out: give copies, or normalise once and compare by dot products.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
/usr/bin/python3 -c "import cv2, onnx" 2> /dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-opencv python3-onnx > /dev/null
}
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
/usr/bin/python3 - <<'PYTHON'
import cv2, numpy, onnx
from onnx import TensorProto, helper

x, y = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 112, 112]), helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3])
nodes = [helper.make_node("GlobalAveragePool", ["x"], ["means"]), helper.make_node("Flatten", ["means"], ["y"])]
onnx.save(helper.make_model(helper.make_graph(nodes, "means", [x], [y]), opset_imports=[helper.make_opsetid("", 11)], ir_version=7), "means.onnx")
recognizer = cv2.FaceRecognizerSF_create("means.onnx", "")

gallery = numpy.array([[3, 4, 0], [6, 8, 0], [1, 1, 1]], numpy.float32)
def describe():
    return [round(float(n), 4) for n in (*numpy.linalg.norm(gallery[:2], axis=1), numpy.linalg.norm(gallery[0] - gallery[1]), *gallery[:2].mean(0))]
before = describe()
cosine = round(recognizer.match(gallery[0:1], gallery[1:2], cv2.FaceRecognizerSF_FR_COSINE), 4)
after = describe()
held = numpy.array([[0, 2, 0]], numpy.float32)
held.flags.writeable = False
recognizer.match(held, gallery[2:3].copy(), cv2.FaceRecognizerSF_FR_NORM_L2)

picture = numpy.full((112, 112, 3), 9, numpy.uint8)
recognizer.feature(picture)
print("OpenCV", cv2.__version__, "cosine", cosine, "| before", before, "| after", after, "| gallery", gallery.round(3).tolist(), "| read-only", held.tolist())
assert before == [5.0, 10.0, 5.0, 4.5, 6.0, 0.0], before
assert cosine == 1 and after == [1.0, 1.0, 0.0, 0.6, 0.8, 0.0], "it behaves otherwise now"
assert gallery[2].tolist() == [1, 1, 1] and held.tolist() == [[0, 1, 0]] and (picture == 9).all(), "it behaves otherwise now"
PYTHON
