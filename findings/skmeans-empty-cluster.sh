#!/usr/bin/env bash
# skmeans moves the centre of an empty cluster to zero, wherever the data lie.
#
# npm skmeans 0.11.3, Node 24. In k-means a cluster may lose all of its points. Usual answers are to leave its centre where it was, to draw it anew (scikit-learn takes the
# farthest point), or to drop it. A guess: one of those. Seen: the mean of no points becomes 0 in each dimension, and the centre stays there: of colours it is a black
# that is in no picture, of coordinates the corner. Where data lie around zero the stray centre then takes points from others.
# Seen, the initial centres given:
#   20, 21, 22, 80, 81, 82 and centres 20, 81, 300:                    centres 21, 81, 0 (the third has no points)
#   (100, 100), (101, 100), (200, 200), (201, 200), third centre (500, 500): third centre (0, 0)
#   1, 2, 20, 22, 60, 61 and centres 10, 60, 200:                      centres 21, 60.5, 1.5: the third, put to 0, has taken 1 and 2
#   20, 20, 20, 80 with k = 3, no centres given, ten runs:             0 among the centres in each
# Way out: look at `idxs` for a cluster that has no member, and drop its centre.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error skmeans@0.11.3 > /dev/null
cat > run.cjs <<'JS'
const skmeans = require("skmeans");
const centres = (...parts) => JSON.stringify(skmeans(...parts).centroids);
const seen = {
  line: centres([20, 21, 22, 80, 81, 82], 3, [20, 81, 300]),
  plane: centres([[100, 100], [101, 100], [200, 200], [201, 200]], 3, [[100, 100], [200, 200], [500, 500]]),
  stolen: centres([1, 2, 20, 22, 60, 61], 3, [10, 60, 200]),
  drawn: Array.from({ length: 10 }, () => skmeans([20, 20, 20, 80], 3).centroids.includes(0)).filter(Boolean).length,
};
console.log("skmeans", require("skmeans/package.json").version, seen);
const expected = { line: "[21,81,0]", plane: "[[100.5,100],[200.5,200],[0,0]]", stolen: "[21,60.5,1.5]", drawn: 10 };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
