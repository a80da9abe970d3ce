#!/usr/bin/env bash
# dlib's "intersection over union" divides by the frame around both boxes, not by what they cover together: non-maximum suppression with the
# thresholds of a dlib detector keeps and drops other boxes than the same numbers do anywhere else.
#
# Debian 12: libdlib-dev 19.24+dfsg-1. box_intersection_over_union and test_box_overlap, with which its detectors suppress, add two
# rectangles; dlib's sum of two rectangles is the smallest one that holds both.
# Seen: 10 x 10 boxes at (0, 0) and (5, 5): 0.1111 = 25 / 225; intersection over union is 25 / 175 = 0.1429. Side by side, overlapping by half,
#       both are 0.3333. The frontal face detector's threshold is 0.330.
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
#include <dlib/image_processing/box_overlap_testing.h>
int main()
{
    const dlib::rectangle box(0, 0, 9, 9);
    std::printf("%.4f %.4f %d\n", dlib::box_intersection_over_union(box, dlib::rectangle(5, 5, 14, 14)),
                dlib::box_intersection_over_union(box, dlib::rectangle(5, 0, 14, 9)), int(dlib::test_box_overlap(0.12)(box, dlib::rectangle(5, 5, 14, 14))));
}
CPP
g++ -std=c++17 run.cpp -o run -ldlib
seen="$(./run)"
echo "libdlib-dev $(dpkg-query -W -f '${Version}' libdlib-dev): diagonal, side by side, same at 0.12: $seen (right: 0.1429 0.3333 1)"
[ "$seen" = "0.1111 0.3333 0" ]
