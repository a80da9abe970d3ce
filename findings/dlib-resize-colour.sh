#!/usr/bin/env bash
# dlib's bilinear resize_image changes a picture of one colour, in colour pictures alone: grey ones are rounded, colour ones are cut off.
#
# Debian 12: libdlib-dev 19.24+dfsg-1, x86-64 with SSE2. Weights of four float32 products do not add up to 1 everywhere; where they fall short by a bit,
# 100 becomes 99. pyramid_down, on which the face detectors run, resizes so at each level: an even area gets a pattern of weak edges.
# Seen: 120 x 120 pixels of (100, 100, 100), pyramid_down<6> to 100 x 100: 1178 pixels become 99; as a grey picture none.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
dpkg-query -W libdlib-dev g++ > /dev/null 2>&1 || {
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends libdlib-dev g++ > /dev/null
}
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > run.cpp <<'CPP'
#include <cstdio>
#include <dlib/array2d.h>
#include <dlib/image_transforms.h>
template <typename Pixel>
int changed(const Pixel& colour)
{
    dlib::array2d<Pixel> picture(120, 120), smaller;
    dlib::assign_all_pixels(picture, colour);
    dlib::pyramid_down<6>()(picture, smaller);
    int count = 0;
    for (const auto& pixel : smaller) count += dlib::get_pixel_intensity(pixel) != 100;
    return count;
}
int main() { std::printf("%d %d\n", changed(dlib::rgb_pixel(100, 100, 100)), changed<unsigned char>(100)); }
CPP
g++ -std=c++17 -O2 run.cpp -o run -ldlib -llapack
seen="$(./run)"
echo "libdlib-dev $(dpkg-query -W -f '${Version}' libdlib-dev): changed pixels of 10000, colour and grey: $seen"
[ "$seen" = "1178 0" ]
