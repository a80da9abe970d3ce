#!/usr/bin/env bash
# OpenCV's "normal Bayes classifier" leaves the classes' frequencies out, and its probabilities are densities, that go over 1 and are scaled.
#
# Debian 12: python3-opencv 4.6.0+dfsg-12. Bayes' rule multiplies what a class makes of a value by how frequent the class is. A guess: the classifier learns both,
# and predictProb, documented to give probabilities, gives numbers of 0 to 1, 1 together. Seen: each class counts the same, however many samples it had,
# so that of rare classes far too many are found; and predictProb is exp(-m / 2) / sqrt(det) with Mahalanobis's m, the normal density times (2 pi)^(d / 2).
# Seen, 950 values around 0 and 50 around 1, both of deviation 1: called the rare class are 328 of the 1,000 (by Bayes' rule none)
#   half-way, at 0.5, predictProb gives 0.88 twice, where the rule says 19 to 1; with deviation 0.1 one is 10
# Way out: multiply predictProb's numbers by the classes' shares, and divide by their sum.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
/usr/bin/python3 -c "import cv2" 2> /dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-opencv > /dev/null
}
/usr/bin/python3 - <<'PYTHON'
import cv2, numpy

def quantiles(mean, deviation, count):
    """Values that lie as a normal distribution's, without chance."""
    grid = numpy.linspace(-6, 6, 120_001)
    cumulated = numpy.cumsum(numpy.exp(-grid * grid / 2))
    values = numpy.interp((numpy.arange(count) + 0.5) / count, cumulated / cumulated[-1], grid)
    return mean + deviation * (values - values.mean()) / values.std(ddof=1)

def trained(deviation, common, rare):
    values = numpy.concatenate([quantiles(0, deviation, common), quantiles(1, deviation, rare)]).astype(numpy.float32)[:, None]
    labels = numpy.repeat([0, 1], [common, rare]).astype(numpy.int32)
    classifier = cv2.ml.NormalBayesClassifier_create()
    classifier.train(values, cv2.ml.ROW_SAMPLE, labels)
    return classifier, values

classifier, values = trained(1, 950, 50)
called = int((classifier.predict(values)[1] == 1).sum())
numbers = classifier.predictProb(values)[2]
by_rule = int((numbers[:, 1] * 50 > numbers[:, 0] * 950).sum())
middle = classifier.predictProb(numpy.array([[0.5]], numpy.float32))[2].ravel()
narrow = trained(0.1, 90, 10)[0].predictProb(numpy.array([[0]], numpy.float32))[2].ravel()
print("OpenCV", cv2.__version__)
print(f"called the rare class: {called} of 1000, with their shares {by_rule}")
print("predictProb half-way:", middle, " at a narrow class's middle:", narrow)
assert called > 250 and by_rule < 20, "it behaves otherwise now"
assert abs(middle[0] / middle[1] - 1) < 0.01 and abs(narrow[0] - 10) < 0.05, "it behaves otherwise now"
PYTHON
