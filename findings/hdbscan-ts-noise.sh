#!/usr/bin/env bash
# hdbscan-ts makes most of two clear groups noise, and crumbs of five points of the rest: of 200 points in two clouds a hundred apart it gives six clusters and 159 outliers.
#
# npm hdbscan-ts 1.0.17, Node 24. HDBSCAN (Campello, Moulavi and Sander, 2013) builds a tree of clusters by density and selects those with the largest "excess of mass": a cluster is split only if its
# parts together last longer, over the levels of density and weighed by their points, than it does; all points that were in it when it began belong to it. A guess: two normal clouds of deviation 1 are two
# clusters without noise, as by the definition, which is written out below (Prim's tree, the condensed tree, the selection). Seen, minClusterSize and minSamples 5, clusters and noise:
#   2 x 10 points, 10 apart         definition 10 10        hdbscan-ts 10 5, noise 5
#   2 x 30 points, 10 apart         30 30                   10 5 5, noise 40
#   2 x 30 points, 100 apart        30 30                   10 8, noise 42
#   2 x 100 points, 100 apart       100 100                 10 8 7 6 5 5, noise 159
#   two grids of 5 x 5              25 25                   25 25 (right, as the example of its documentation is)
# Way out: DBSCAN with a distance of one's own, or HDBSCAN of another language.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error hdbscan-ts@1.0.17 > /dev/null
cat > run.cjs <<'JS'
const { HDBSCAN } = require("hdbscan-ts");
const size = 5;
/** The definition: labels, -1 for noise. */
const definition = (points) => {
  const count = points.length;
  const distance = (i, j) => Math.hypot(points[i][0] - points[j][0], points[i][1] - points[j][1]);
  // The distance to the fifth point, itself included; and how far two points are from each other if neither lies more densely than that.
  const core = points.map((_, i) => points.map((__, j) => distance(i, j)).sort((a, b) => a - b)[size - 1]);
  const reach = (i, j) => Math.max(core[i], core[j], distance(i, j));
  // Prim's minimum spanning tree.
  const edges = [];
  const best = points.map(() => ({ length: Infinity, from: 0 }));
  const isIn = points.map((_, i) => i === 0);
  for (let last = 0; edges.length < count - 1;) {
    points.forEach((_, j) => { if (!isIn[j] && reach(last, j) < best[j].length) best[j] = { length: reach(last, j), from: last }; });
    const next = points.map((_, j) => j).filter((j) => !isIn[j]).reduce((a, b) => (best[b].length < best[a].length ? b : a));
    edges.push({ length: best[next].length, ends: [best[next].from, next] });
    isIn[next] = true;
    last = next;
  }
  // Single linkage: the shortest edges first.
  let groups = points.map((_, i) => ({ members: [i] }));
  for (const { length, ends } of edges.sort((a, b) => a.length - b.length)) {
    const parts = ends.map((end) => groups.find(({ members }) => members.includes(end)));
    groups = [...groups.filter((group) => !parts.includes(group)), { members: parts.flatMap(({ members }) => members), parts, length }];
  }
  // From the top: parts of fewer than five points fall out of a cluster, two larger ones end it.
  const condense = (top, birth) => {
    let [node, mass] = [top, 0];
    for (;;) {
      if (!node.parts) return { members: top.members, mass: mass + node.members.length * (1 / core[node.members[0]] - birth), children: [] };
      const level = 1 / node.length;
      const large = node.parts.filter(({ members }) => members.length >= size);
      if (large.length === 1) {
        mass += (node.members.length - large[0].members.length) * (level - birth);
        node = large[0];
        continue;
      }
      mass += node.members.length * (level - birth);
      return { members: top.members, mass, children: large.map((part) => condense(part, level)) };
    }
  };
  const select = (cluster, isRoot) => {
    const below = cluster.children.map((child) => select(child, false));
    const sum = below.reduce((total, { mass }) => total + mass, 0);
    return isRoot || sum > cluster.mass ? { mass: sum, clusters: below.flatMap(({ clusters }) => clusters) } : { mass: cluster.mass, clusters: [cluster.members] };
  };
  const labels = points.map(() => -1);
  select(condense(groups[0], 0), true).clusters.forEach((members, label) => members.forEach((i) => { labels[i] = label; }));
  return labels;
};
const sizes = (labels) => {
  const counts = [...new Set(labels)].filter((label) => label >= 0).map((label) => labels.filter((other) => other === label).length).sort((a, b) => b - a);
  const noise = labels.filter((label) => label < 0).length;
  return counts.join(" ") + (noise > 0 ? `, noise ${noise}` : "");
};
let state = 3;
const random = () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const clouds = (count, apart) => Array.from({ length: 2 * count }, (_, i) => [(i < count ? 0 : apart) + normal(), normal()]);
const grids = Array.from({ length: 50 }, (_, i) => [(i % 5) + (i < 25 ? 0 : 100), Math.floor((i % 25) / 5)]);
const sets = { "10, 10 apart": clouds(10, 10), "30, 10 apart": clouds(30, 10), "30, 100 apart": clouds(30, 100), "100, 100 apart": clouds(100, 100), grids };
const seen = {};
for (const [name, points] of Object.entries(sets)) {
  const model = new HDBSCAN({ minClusterSize: size, minSamples: size });
  const result = model.fit(points);
  seen[name] = [sizes(definition(points)), sizes(Array.isArray(result) ? result : model.labels_)];
}
console.log("hdbscan-ts", require("./node_modules/hdbscan-ts/package.json").version, "by definition and seen:", seen);
const expected = {
  "10, 10 apart": ["10 10", "10 5, noise 5"], "30, 10 apart": ["30 30", "10 5 5, noise 40"], "30, 100 apart": ["30 30", "10 8, noise 42"],
  "100, 100 apart": ["100 100", "10 8 7 6 5 5, noise 159"], grids: ["25 25", "25 25"],
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
