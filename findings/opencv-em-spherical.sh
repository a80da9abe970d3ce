#!/usr/bin/env bash
# OpenCV's Gaussian mixtures with spherical covariances count one axis of the volume instead of all: the wide cluster takes nearly everything, from two clusters that are told apart with ease.
#
# Debian 12: python3-opencv 4.6.0+dfsg-12. cv2.ml.EM fits a mixture of normal densities; with COV_MAT_SPHERICAL each has one variance for all d axes. Its density at x is (2 pi s)^(-d/2) exp(-|x - m|^2 / (2 s)).
# A guess: it is, up to rounding, as it is with COV_MAT_DIAGONAL and GENERIC. Instead of s^(-d/2) it has s^(-1/2): the logarithm of the determinant is that of the list of eigenvalues, and of equal ones the
# list has one. So a wide cluster is likelier than it should be by s^((d - 1) / 2) at each point, and the more axes (features of faces have hundreds) the less is left for narrow ones;
# log likelihoods are wrong, so that spherical wins over diagonal, of which it is a special case, by any criterion that compares them. With variances near 1 nothing shows.
# Seen, 300 points of deviation 0.5 and 300 of deviation 3 around 0, learnt from the true labels on (trainM):
#   16 axes, spherical: 50 % in the right cluster, weights 0.01 and 0.99; by its own means and variances with the right density 98 %     diagonal: 100 %, weights 0.5 and 0.5
#   mean log likelihood: spherical says -23.4 (by the right density -30.2), diagonal -26.6 (right)
#    2 axes, spherical: 79 %     diagonal: 94 %
# Way out: COV_MAT_DIAGONAL.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
/usr/bin/python3 -c "import cv2" 2> /dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-opencv > /dev/null
}
/usr/bin/python3 - <<'PYTHON'
import cv2, numpy

random = numpy.random.default_rng(0)

def log_density(points, mixture, powers):
    # of each cluster: log(weight * (2 pi)^(-d/2) * s1^(-1/2) s2^(-1/2) ... exp(...)), of as many variances as `powers` says
    columns = []
    for weight, mean, covariance in zip(mixture.getWeights()[0], mixture.getMeans(), mixture.getCovs()):
        variances = covariance.diagonal()
        columns.append(numpy.log(weight) - points.shape[1] / 2 * numpy.log(2 * numpy.pi) - numpy.log(variances[:powers]).sum() / 2 - ((points - mean) ** 2 / variances).sum(1) / 2)
    return numpy.array(columns).T

def total(columns):
    top = columns.max(1, keepdims=True)
    return float((numpy.log(numpy.exp(columns - top).sum(1)) + top[:, 0]).mean())

print("OpenCV", cv2.__version__)
seen = {}
for axes in (2, 16):
    points = numpy.concatenate([random.standard_normal((300, axes)) * 0.5, random.standard_normal((300, axes)) * 3]).astype(numpy.float32)
    truth = numpy.repeat([0, 1], 300)
    for name, kind in (("spherical", cv2.ml.EM_COV_MAT_SPHERICAL), ("diagonal", cv2.ml.EM_COV_MAT_DIAGONAL)):
        mixture = cv2.ml.EM_create()
        mixture.setClustersNumber(2)
        mixture.setCovarianceMatrixType(kind)
        _, likelihoods, labels, _ = mixture.trainM(points, numpy.eye(2, dtype=numpy.float32)[truth])
        right = log_density(points, mixture, axes)
        found, could = float((labels.ravel() == truth).mean()), float((right.argmax(1) == truth).mean())
        said, is_, one = float(likelihoods.mean()), total(right), total(log_density(points, mixture, 1))
        print(f"{axes} axes, {name}: right {found:.3f} (by the right density {could:.3f}), weights {mixture.getWeights()[0].round(2)}, log likelihood {said:.3f} (right {is_:.3f}, with one variance {one:.3f})")
        seen[axes, name] = (found, could, said, is_, one)
found, could, said, is_, one = seen[16, "spherical"]
assert found < 0.6 and could > 0.95 and abs(said - one) < 1e-3 and said > is_ + 5, "it behaves otherwise now"
assert seen[2, "spherical"][0] < 0.85 < 0.9 < seen[2, "diagonal"][0] and seen[16, "diagonal"][0] == 1, "it behaves otherwise now"
assert abs(seen[16, "diagonal"][2] - seen[16, "diagonal"][3]) < 1e-3 and said > seen[16, "diagonal"][2], "it behaves otherwise now"
PYTHON
