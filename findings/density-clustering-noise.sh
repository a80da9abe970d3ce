#!/usr/bin/env bash
# density-clustering's DBSCAN counts points as noise that it has put into a cluster, and not as neighbours what lies at the radius itself.
#
# npm density-clustering 1.3.0, Node 24. In DBSCAN (Ester and others, 1996) a point that was visited too early counts as noise until a cluster reaches it, and
# is then one of its border points; neighbours are those at a distance of at most epsilon. A guess: clusters and `noise` share no point, and together have
# each once. Seen: a border point that is met before its core stays in `noise` too. So faces that are grouped by person are counted twice, who drops the
# noise drops members of clusters, and which ones it is depends on the order of the points. With whole numbers, such as
# Hamming distances of picture hashes, an epsilon of 1 finds what 0.99 would.
# Seen, points on a line, epsilon, least count of neighbours with itself:
#   0 1 2 3 100, 1.5, 3: cluster 1 0 2 3; noise 0 100 (0 is in both)
#   2 1 0 3 100, 1.5, 3: cluster 2 1 3 0; noise 100
#   0 1 2 3, 1, 2:       no cluster;  with epsilon 1.001: cluster 0 1 2 3
# Way out: take what is in a cluster out of the noise, and a little more than the radius.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error density-clustering@1.3.0 > /dev/null
cat > run.cjs <<'JS'
const { DBSCAN } = require("density-clustering");
const told = (line, epsilon, least) => {
  const scan = new DBSCAN();
  const names = (list) => list.map((i) => line[i]).join(" ");
  const clusters = scan.run(line.map((x) => [x]), epsilon, least);
  return `${clusters.map(names).join(" | ")}; ${names(scan.noise)}`;
};
const seen = { early: told([0, 1, 2, 3, 100], 1.5, 3), late: told([2, 1, 0, 3, 100], 1.5, 3), at: told([0, 1, 2, 3], 1, 2), beyond: told([0, 1, 2, 3], 1.001, 2) };
console.log("density-clustering", require("density-clustering/package.json").version, seen);
const expected = { early: "1 0 2 3; 0 100", late: "2 1 3 0; 100", at: "; 0 1 2 3", beyond: "0 1 2 3; " };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
