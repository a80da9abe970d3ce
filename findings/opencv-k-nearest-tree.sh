#!/usr/bin/env bash
# OpenCV's k nearest neighbours with a tree answer with row numbers of the training set instead of labels, and with k of them instead of a vote.
#
# Debian 12: python3-opencv 4.6.0+dfsg-12. setAlgorithmType(KDTREE) is to be the faster way to the same answers; findNearest documents `results` as the prediction of each sample, and a second
# and third output with the neighbours' responses and distances. A guess: brute force and tree agree. With the tree `results` holds the numbers of the nearest rows, as many as k, and
# the other two are empty (which was reported: opencv/opencv_contrib, issue 3651). Where labels happen to be row numbers or few, nobody notices. `predict` takes the first of it for a class.
# Seen, rows 0 1 2 10 with the labels 7 7 8 9, asked for 1.9 and 9 (right: 8 and 9):
#   brute force, k = 1: 8 9, distances 0.01 1          tree: 2 3, no responses, no distances
#   brute force, k = 3: 7 7, by vote (the responses are 8 7 7 and 9 8 7)       tree: 2 1 0 and 3 2 1
# Way out: brute force; or take the rows, and look the labels up and vote oneself.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
/usr/bin/python3 -c "import cv2" 2> /dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-opencv > /dev/null
}
/usr/bin/python3 - <<'PYTHON'
import cv2, numpy

rows, labels = numpy.array([[0], [1], [2], [10]], numpy.float32), numpy.array([7, 7, 8, 9], numpy.float32)
asked = numpy.array([[1.9], [9]], numpy.float32)

def nearest(kind, k):
    model = cv2.ml.KNearest_create()
    model.setAlgorithmType(kind)
    model.setDefaultK(k)
    model.train(rows, cv2.ml.ROW_SAMPLE, labels)
    _, results, responses, distances = model.findNearest(asked, k)
    predicted = model.predict(asked)[1]
    return [None if a is None else numpy.float64(a).round(2).tolist() for a in (results, responses, distances, predicted)]

seen = {(name, k): nearest(kind, k) for name, kind in (("brute force", cv2.ml.KNEAREST_BRUTE_FORCE), ("tree", cv2.ml.KNEAREST_KDTREE)) for k in (1, 3)}
print("OpenCV", cv2.__version__)
for (name, k), (results, responses, distances, predicted) in seen.items():
    print(f"{name}, k = {k}: results {results}, responses {responses}, distances {distances}; predict {predicted}")
assert seen["brute force", 1][0] == [[8], [9]] and seen["brute force", 1][2] == [[0.01], [1]], "it behaves otherwise now"
assert seen["tree", 1][:3] == [[[2], [3]], None, None] and seen["tree", 3][0] == [[2, 1, 0], [3, 2, 1]], "it behaves otherwise now"
PYTHON
