#!/usr/bin/env bash
# OpenCV's SVMSGD learns from labels 0 and 1 that everything is 1, from 5 and -5 that all are -1 or 1; and its raw output is the label, not the distance.
#
# Debian 12: python3-opencv 4.6.0+dfsg-12. Its other classifiers take any two whole numbers as classes, and give those back. A guess: SVMSGD, a linear support vector machine by gradient descent, does so too, or refuses what is
# not -1 and 1, as it refuses labels that are no floats. `train` returns True for all. With 0 and 1 (or 1 and 2) there is no negative one, all end on one side, and predict says 1; of 5 and -5
# the sign is learnt, and -1 and 1 come back, which are no labels of the set. STAT_MODEL_RAW_OUTPUT, with which SVM gives its decision function, changes nothing here; the distance
# is getWeights() x + getShift().
# Seen, two clouds of 100 points, 3 apart on each axis, labels: what is predicted, right
#   1 and -1: -1 1, over 0.9      1 and 0: 1, 0.5      1 and 2: 1, 0.5      5 and -5: -1 1, 0 (by sign over 0.9)      SVM, linear, 1 and 0: over 0.9
#   raw output: -1 1; by weights and shift as many numbers as points
# Way out: labels of -1 and 1, as floats.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
/usr/bin/python3 -c "import cv2" 2> /dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-opencv > /dev/null
}
/usr/bin/python3 - <<'PYTHON'
import cv2, numpy

random = numpy.random.default_rng(0)
points = numpy.r_[random.standard_normal((100, 2)) + 3, random.standard_normal((100, 2))].astype(numpy.float32)
first = numpy.arange(200) < 100

def learn(model, one, other, type):
    labels = numpy.where(first, one, other).astype(type)
    assert model.train(points, cv2.ml.ROW_SAMPLE, labels)
    said = model.predict(points)[1].ravel()
    return sorted(set(said.tolist())), float((said == labels).mean()), float((numpy.sign(said) == numpy.sign(labels)).mean())

print("OpenCV", cv2.__version__)
seen = {}
for one, other in ((1, -1), (1, 0), (1, 2), (5, -5)):
    seen[one, other] = learn(cv2.ml.SVMSGD_create(), one, other, numpy.float32)
    print(f"SVMSGD, {one} and {other}: says {seen[one, other][0]}, right {seen[one, other][1]:.3f}, by sign {seen[one, other][2]:.3f}")
linear = cv2.ml.SVM_create()
linear.setKernel(cv2.ml.SVM_LINEAR)
seen["SVM"] = learn(linear, 1, 0, numpy.int32)
print(f"SVM, 1 and 0: says {seen['SVM'][0]}, right {seen['SVM'][1]:.3f}")

model = cv2.ml.SVMSGD_create()
learn(model, 1, -1, numpy.float32)
raw = sorted(set(model.predict(points, flags=cv2.ml.STAT_MODEL_RAW_OUTPUT)[1].ravel().tolist()))
distances = set((points @ model.getWeights().ravel() + model.getShift()).tolist())
print("raw output:", raw, "| by weights and shift:", len(distances), "numbers")
assert seen[1, -1][0] == [-1, 1] and seen[1, -1][1] > 0.9 and seen["SVM"][0] == [0, 1] and seen["SVM"][1] > 0.9, "it behaves otherwise now"
assert seen[1, 0][:2] == ([1], 0.5) and seen[1, 2][:2] == ([1], 0.5), "it behaves otherwise now"
assert seen[5, -5][:2] == ([-1, 1], 0) and seen[5, -5][2] > 0.9, "it behaves otherwise now"
assert raw == [-1, 1] and len(distances) > 100, "it behaves otherwise now"
PYTHON
