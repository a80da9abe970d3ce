#!/usr/bin/env bash
# @gmod/hclust gives three clusters for k = 2, and a matrix of distances that are all 0.
#
# npm @gmod/hclust 1.0.7, beside @greenelab/hclust 0.0.1, whose fields it has, Node 24. Hierarchical clustering by average linkage; `clustersGivenK` are the groups by their number, `distances` those between
# samples. A guess: clustersGivenK[k] has k groups, as in the other package, and distances are what the tree was made of. Here the list of slices is turned round together with the empty one at
# its front, which keeps place 0 free: it ends up last, and every other slice is one place too early. The distances are an array of n * n zeros, which the code calls a dummy.
# The usage that the package's page begins with, clusterData(data), fails; it wants clusterData({ data }). Seen, five points, (0, 0), (0, 1), (10, 0), (10, 1.5), (30, 0):
#   clustersGivenK[0], [1], [2], [3]      @greenelab/hclust: 0, 1, 2, 3 groups      @gmod/hclust: 1, 2, 3, 4 groups; [5] is empty in place of five
#   distance of the first two points      @greenelab/hclust: 1                      @gmod/hclust: 0
#   the tree's heights                    1, 1.5, 10.044 and 25.018, as average linkage has them by hand
# Way out: clustersGivenK[k - 1], and one's own distances.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @gmod/hclust@1.0.7 @greenelab/hclust@0.0.1 > /dev/null
sed 's/^/ /' node_modules/@greenelab/hclust/src/hclust.js > other.mjs
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { clusterData } from "@gmod/hclust";
import { clusterData as otherClusterData } from "./other.mjs";

const data = [[0, 0], [0, 1], [10, 0], [10, 1.5], [30, 0]];
const result = await clusterData({ data });
const other = otherClusterData({ data, onProgress: null });
const heights = [];
const walk = (node) => { if (node.children?.length) { heights.push(node.height); node.children.forEach(walk); } };
walk(result.tree);
heights.sort((a, b) => a - b);
// Average linkage by hand: the means of all distances between the members of two groups.
const distance = (i, j) => Math.hypot(data[i][0] - data[j][0], data[i][1] - data[j][1]);
const mean = (a, b) => a.flatMap((i) => b.map((j) => distance(i, j))).reduce((x, y) => x + y) / a.length / b.length;
const byHand = [distance(0, 1), distance(2, 3), mean([0, 1], [2, 3]), mean([4], [0, 1, 2, 3])];
if (heights.some((height, i) => Math.abs(height - byHand[i]) > 1e-4)) throw new Error("the tree is another one");
const seen = {
  "@greenelab/hclust": [other.clustersGivenK.map((groups) => groups.length).join(" "), other.distances[0][1]],
  "@gmod/hclust": [result.clustersGivenK.map((groups) => groups.length).join(" "), result.distances[1], [...result.distances].every((value) => value === 0)],
  "usage of its page": await clusterData(data).then(() => "works", () => "fails"),
};
console.log("@gmod/hclust", JSON.parse(readFileSync("node_modules/@gmod/hclust/package.json", "utf8")).version, heights, seen);
const expected = { "@greenelab/hclust": ["0 1 2 3 4 5", 1], "@gmod/hclust": ["1 2 3 4 5 0", 0, true], "usage of its page": "fails" };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
