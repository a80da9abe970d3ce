#!/usr/bin/env bash
# OpenCV's PCA with `retainedVariance` retains less than was asked for: it stops one component early, and never gives fewer than two.
#
# Debian 12: python3-opencv 4.6.0+dfsg-12. Documented is the percentage of variance that the analysis should retain. A guess: as many components as are needed
# to reach it, as scikit-learn does with n_components below 1. The count is of the components that together stay below it, the one that reaches it left out;
# for little variance it is raised to 2.
# Seen, eight columns of which 1, 2, ... 8 components hold 0.525 0.813 0.898 0.957 0.983 0.992 0.998 1 of the variance (asked: given components, variance; needed):
#   0.50: 2, 0.813 (1)    0.80: 2, 0.813 (2)    0.85: 2, 0.813 (3)    0.90: 3, 0.898 (4)    0.95: 3, 0.898 (4)    0.99: 5, 0.983 (6)
# Way out: PCACompute2 without a limit, add up the eigenvalues, and take as many rows as are needed.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
/usr/bin/python3 -c "import cv2" 2> /dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-opencv > /dev/null
}
/usr/bin/python3 - <<'PYTHON'
import cv2, numpy

data = numpy.random.default_rng(11).normal(size=(50, 8))
data -= data.mean(0)
shares = numpy.array([0.525, 0.288, 0.085, 0.059, 0.026, 0.009, 0.006, 0.002])
data = numpy.linalg.qr(data)[0] * numpy.sqrt(shares)  # columns of mean 0, orthogonal, of just these variances
held = numpy.cumsum(shares)
seen = {}
for asked in (0.5, 0.8, 0.85, 0.9, 0.95, 0.99):
    given = len(cv2.PCACompute(data, None, retainedVariance=asked)[1])
    needed = int(numpy.searchsorted(held, asked) + 1)
    seen[asked] = (given, needed)
    print(f"asked for {asked:.2f}: {given} components hold {held[given - 1]:.3f}; needed: {needed}")
print("OpenCV", cv2.__version__)
assert seen == {0.5: (2, 1), 0.8: (2, 2), 0.85: (2, 3), 0.9: (3, 4), 0.95: (3, 4), 0.99: (5, 6)}, "it behaves otherwise now"
PYTHON
