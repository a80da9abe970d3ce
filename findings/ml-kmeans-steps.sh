#!/usr/bin/env bash
# ml-kmeans' steps all show the last step's clusters: what kmeansGenerator yields is one array, written over each time, beside centroids that are new ones.
#
# npm ml-kmeans 7.0.1, Node 24. kmeansGenerator is documented to yield the result of each iteration, for showing how the clusters come about. A guess: results can be kept, as their centroids can.
# The assignments of all of them are the same array.
# Seen, 0 1 2 3 10 11 12 from the centres 0 and 1, the clusters as they come / of the same results when all have come, and the centroids:
#   first step       0111111 / 0000111      0 and 6.5
#   second step      0000111 / 0000111      1.5 and 11
#   third step       0000111 / 0000111      1.5 and 11
# So charts of all steps, [...kmeansGenerator()], show clusters and centres that do not belong together, and "how many points have changed" is always 0.
# Way out: copy result.clusters in the loop.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-kmeans@7.0.1 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { kmeansGenerator } from "ml-kmeans";

const points = [0, 1, 2, 3, 10, 11, 12].map((value) => [value]);
const [live, kept] = [[], []];
for (const result of kmeansGenerator(points, 2, { initialization: [[0], [1]] })) {
  live.push(result.clusters.join(""));
  kept.push(result);
}
const seen = kept.map(({ clusters, centroids }, i) => [live[i], clusters.join(""), centroids.join(" ")]);
console.log("ml-kmeans", JSON.parse(readFileSync("node_modules/ml-kmeans/package.json", "utf8")).version, seen);
const expected = [["0111111", "0000111", "0 6.5"], ["0000111", "0000111", "1.5 11"], ["0000111", "0000111", "1.5 11"]];
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
