#!/usr/bin/env bash
# OpenCV's PCA, and Eigenfaces with their default, have one axis too many: it is noise, not orthogonal to the others, and changes who is recognised.
#
# Debian 12: python3-opencv 4.6.0+dfsg-12 (with the face module). N pictures of more than N pixels differ in N - 1 directions. Asked for all components (the default
# of both) OpenCV gives N. The last eigenvalue is 0 but for rounding, and the last "eigenvector" is what rounding left, scaled up to length 1: a mixture of the others.
# A guess: eigenvectors are orthonormal, a component of eigenvalue 0 is harmless, and nobody is recognised otherwise because of it.
# Seen, 20 pictures of 64 x 64 pixels to learn, 200 others to recognise; right is the nearest one in the space of the singular value decomposition by NumPy:
#   the default, 20 axes: the last one's product with another is more than 0.2 (0.57 seen), and the nearest is another one than it should be for more than 5 of 200 (16 seen)
#   19 asked for: no product over 0.000001, all 200 right
#   cv2.PCACompute2 of 6 rows of 10: six vectors, the last one's product with another 0.68
# Way out: ask for one component fewer than there are pictures.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
/usr/bin/python3 -c "import cv2" 2> /dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-opencv > /dev/null
}
/usr/bin/python3 - <<'PYTHON'
import cv2, numpy

random = numpy.random.default_rng(3)

def picture():
    smooth = cv2.GaussianBlur(random.normal(size=(64, 64)).astype(numpy.float32), (0, 0), 6)
    return cv2.normalize(smooth, None, 0, 255, cv2.NORM_MINMAX).astype(numpy.uint8)

def overlap(rows):
    products = numpy.abs(rows @ rows.T)
    numpy.fill_diagonal(products, 0)
    return float(products.max())

known, asked = [picture() for _ in range(20)], [picture() for _ in range(200)]
pixels = numpy.array([face.ravel() for face in known], float)
mean = pixels.mean(0)
axes = numpy.linalg.svd(pixels - mean, full_matrices=False)[2][:19]
places = (pixels - mean) @ axes.T
right = [int(numpy.argmin(numpy.linalg.norm(places - (face.ravel() - mean) @ axes.T, axis=1))) for face in asked]

def recognise(*components):
    recogniser = cv2.face.EigenFaceRecognizer_create(*components)
    recogniser.train(known, numpy.arange(20))
    others = sum(recogniser.predict(face)[0] != label for face, label in zip(asked, right))
    return recogniser.getNumComponents(), overlap(recogniser.getEigenVectors().T), others

default, fewer = recognise(), recognise(19)
vectors = cv2.PCACompute2(numpy.random.default_rng(2).normal(size=(6, 10)), None)[1]
print("OpenCV", cv2.__version__)
print("default: %d axes, largest product %.2f, %d of 200 other than right" % default)
print("asked for 19: %d axes, largest product %.1g, %d of 200 other than right" % fewer)
print(f"PCACompute2 of 6 rows: {len(vectors)} vectors, largest product {overlap(vectors):.2f}, without the last {overlap(vectors[:-1]):.1g}")
assert default[0] == 20 and default[1] > 0.2 and default[2] > 5, "it behaves otherwise now"
assert fewer[0] == 19 and fewer[1] < 1e-6 and fewer[2] == 0, "it behaves otherwise now"
assert len(vectors) == 6 and overlap(vectors) > 0.2 and overlap(vectors[:-1]) < 1e-6, "it behaves otherwise now"
PYTHON
