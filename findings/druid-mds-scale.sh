#!/usr/bin/env bash
# druid.js' MDS and ISOMAP keep no distances: every axis of the result is equally long, so that a field of 40 by 10 becomes one of 0.89 by 0.63.
#
# npm @saehrimnir/druidjs 0.9.0, Node 24. Classical multidimensional scaling takes the eigenvectors of the centred squared distances, each times the root of its eigenvalue
# (Torgerson, 1952): distances of points in a plane are then given back exactly, and are those of PCA. A guess: so here, as the class is documented to preserve
# distances "as much as possible". The roots are left out: all axes have length 1, the second, which may be noise, as much as the first, and the numbers shrink with the count of
# points. ISOMAP, which is MDS of distances along a graph, does the same. The class's own stress() says 0.97, where 0 is right. SMACOF and SAMMON of the package are not concerned.
# Seen, ten points of a grid of 40 by 10, its long and its short side afterwards: PCA 40.000 and 10.000; MDS 0.894 and 0.632 (also of given distances), stress 0.97;
#   ISOMAP, 4 neighbours, 0.891 and 0.742; SMACOF 41.6 and 8.7; SAMMON 40.1 and 10.0    the columns' lengths: MDS and ISOMAP 1 and 1
# Way out: PCA where distances are Euclidean; else SMACOF; or each column times the root of its eigenvalue.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @saehrimnir/druidjs@0.9.0
cat > look.js <<'JS'
import * as druid from "@saehrimnir/druidjs";
const points = [];
for (let x = 0; x < 5; x++) for (let y = 0; y < 2; y++) points.push([10 * x, 10 * y]);
const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
const distances = druid.Matrix.from(points.map((a) => points.map((b) => distance(a, b))));
const seen = {};
for (const [name, method, input, options] of [
  ["PCA", "PCA", points, {}],
  ["MDS", "MDS", points, {}],
  ["MDS of distances", "MDS", distances, { metric: "precomputed" }],
  ["ISOMAP", "ISOMAP", points, { neighbors: 4 }],
  ["SMACOF", "SMACOF", points, {}],
  ["SAMMON", "SAMMON", points, {}],
]) {
  const reduction = new druid[method](input, { d: 2, ...options });
  const made = reduction.transform();
  const rows = made.to2dArray ? made.to2dArray() : Array.from(made, (row) => Array.from(row));
  const columns = [0, 1].map((axis) => Math.hypot(...Array.from(rows, (row) => row[axis])));
  seen[name] = [distance(rows[0], rows[8]), distance(rows[0], rows[1]), ...columns, ...(method === "MDS" ? [reduction.stress()] : [])].map((n) => Number(n.toFixed(3)));
}
console.log("druidjs 0.9.0, the long and the short side, the columns' lengths (and stress):", seen);
const isNear = (value, right, tolerance = 0.01) => Math.abs(value - right) < tolerance;
const isWhite = (name) => isNear(seen[name][2], 1) && isNear(seen[name][3], 1);
const isAsSeen =
  isNear(seen.PCA[0], 40) && isNear(seen.PCA[1], 10) && isNear(seen.MDS[0], 0.894) && isNear(seen.MDS[1], 0.632) && isNear(seen.MDS[4], 0.972) &&
  isNear(seen["MDS of distances"][0], 0.894) && ["MDS", "MDS of distances", "ISOMAP"].every(isWhite) &&
  isNear(seen.SMACOF[0], 40, 3) && isNear(seen.SAMMON[0], 40, 1) && isNear(seen.SAMMON[1], 10, 1);
if (!isAsSeen) throw new Error("this has changed");
JS
node look.js
