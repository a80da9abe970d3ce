#!/usr/bin/env bash
# ml-hclust's centroid, median and ward methods are none with the distances it takes by itself: clusters merge at wrong heights, and others than should.
#
# npm ml-hclust 4.0.0, Node 24. Centroid linkage is the distance between the means of two clusters, median linkage that between midpoints, Ward's the growth
# of the squared error. The recurrences by which all three are computed from earlier distances (Lance and Williams, 1967) hold for squared
# distances. A guess: with the default distance, the Euclidean one, the package squares inside, as SciPy does, or refuses. Seen: the recurrence is
# put on plain distances (only `ward2` squares), so that heights have no meaning, and trees differ.
# Seen, points (0, 0), (2, 0), (1, 3); the mean of the first two is (1, 0), 3 away from the third:
#   centroid, median: 2.662 (right: 3)      ward: 3.550 (right: 3.464, which ward2 gives)
# Two clusters of (8, 6), (4, 7), (5, 7), (1, 2), (6, 1): centroid cuts off the fourth (right: the fourth and fifth belong together)
# Two clusters of (7, 6), (7, 2), (2, 1), (4, 1), (8, 6): median cuts first and fifth from the rest (right: third and fourth)
# Way out: distanceFunction: the squared distance, and the root of the heights; ward2 for Ward's.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-hclust@4.0.0 > /dev/null
cat > run.cjs <<'JS'
const { agnes } = require("ml-hclust");
const distance = ([a, b], [c, d]) => Math.hypot(a - c, b - d);
const squared = (a, b) => distance(a, b) ** 2;
const height = (options) => agnes([[0, 0], [2, 0], [1, 3]], options).height.toFixed(3);
const two = (points, options) => agnes(points, options).group(2).children.map((cluster) => cluster.indices().sort().join("")).sort().join(" ");
/** The same by definition: two clusters whose middles are nearest become one, until two are left. */
const byDefinition = (points, isMedian) => {
  let clusters = points.map((middle, i) => ({ members: [i], middle }));
  while (clusters.length > 2) {
    const pairs = clusters.flatMap((a, i) => clusters.slice(i + 1).map((b) => [a, b]));
    const [a, b] = pairs.reduce((best, pair) => (distance(pair[0].middle, pair[1].middle) < distance(best[0].middle, best[1].middle) ? pair : best));
    const [n, m] = isMedian ? [1, 1] : [a.members.length, b.members.length];
    clusters = [...clusters.filter((c) => c !== a && c !== b), { members: [...a.members, ...b.members].sort(), middle: a.middle.map((x, i) => (n * x + m * b.middle[i]) / (n + m)) }];
  }
  return clusters.map((c) => c.members.join("")).sort().join(" ");
};
const first = [[8, 6], [4, 7], [5, 7], [1, 2], [6, 1]];
const second = [[7, 6], [7, 2], [2, 1], [4, 1], [8, 6]];
const seen = {
  heights: ["centroid", "median", "ward", "ward2"].map((method) => height({ method })).join(" "),
  squaredHeights: ["centroid", "median"].map((method) => height({ method, distanceFunction: squared })).join(" "),
  centroid: [two(first, { method: "centroid" }), byDefinition(first, false), two(first, { method: "centroid", distanceFunction: squared })],
  median: [two(second, { method: "median" }), byDefinition(second, true), two(second, { method: "median", distanceFunction: squared })],
};
console.log("ml-hclust", JSON.parse(require("node:fs").readFileSync("node_modules/ml-hclust/package.json", "utf8")).version, seen);
const expected = { heights: "2.662 2.662 3.550 3.464", squaredHeights: "9.000 9.000", centroid: ["0124 3", "012 34", "012 34"], median: ["04 123", "014 23", "014 23"] };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
