#!/usr/bin/env bash
# OpenCV's picture quality measures find two pictures of 0 to 1 nearly the same, however different: SSIM and GMSD keep the constants of 0 to 255.
#
# Debian 12: python3-opencv 4.6.0+dfsg-12 (with the quality module). Its classes take pictures of any depth, floats too, and QualityPSNR has a `maxPixelValue` for them. A guess:
# SSIM and GMSD know the range by the depth, as OpenCV's own drawing and colour conversions do (1 for floats), or can be told. They do not and cannot: the constants that
# keep the quotients from 0 / 0 are 6.5 and 58.5 for SSIM and 170 for GMSD, far more than a variance or a gradient of numbers up to 1. No error.
# Seen, a smooth picture and the same with noise of up to 20 of 255 (SSIM; GMSD, 0 is the same; PSNR):
#   as bytes: below 0.7; above 0.02; 27     as floats / 255: above 0.9999; below 0.00001; 27 with maxPixelValue 1
#   pictures that are each other's negative, as bytes: below 0, as floats / 255: above 0.9
# Way out: multiply floats by 255 first.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
/usr/bin/python3 -c "import cv2" 2> /dev/null || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-opencv > /dev/null
}
/usr/bin/python3 - <<'PYTHON'
import cv2, numpy

random = numpy.random.default_rng(2)
smooth = cv2.GaussianBlur(random.normal(size=(64, 64)).astype(numpy.float32), (0, 0), 6)
picture = cv2.normalize(smooth, None, 0, 255, cv2.NORM_MINMAX).astype(numpy.uint8)
noisy = numpy.clip(picture + random.integers(-20, 20, picture.shape), 0, 255).astype(numpy.uint8)
unit = lambda pixels: pixels.astype(numpy.float32) / 255

def measures(one, other, largest):
    ssim = cv2.quality.QualitySSIM_compute(one, other)[0][0]
    gmsd = cv2.quality.QualityGMSD_compute(one, other)[0][0]
    psnr = cv2.quality.QualityPSNR_compute(one, other, maxPixelValue=largest)[0][0]
    return ssim, gmsd, psnr

names = {"bytes": (picture, noisy, 255), "floats": (unit(picture), unit(noisy), 1), "negative, bytes": (picture, 255 - picture, 255), "negative, floats": (unit(picture), unit(255 - picture), 1)}
seen = {name: measures(*pair) for name, pair in names.items()}
print("OpenCV", cv2.__version__)
for name, numbers in seen.items():
    print("%-17s SSIM %.6f GMSD %.7f PSNR %.2f" % (name, *numbers))
assert seen["bytes"][0] < 0.7 and seen["bytes"][1] > 0.02 and 26 < seen["bytes"][2] < 28, "it behaves otherwise now"
assert seen["floats"][0] > 0.9999 and seen["floats"][1] < 1e-5 and 26 < seen["floats"][2] < 28, "it behaves otherwise now"
assert seen["negative, bytes"][0] < 0 and seen["negative, floats"][0] > 0.9, "it behaves otherwise now"
PYTHON
