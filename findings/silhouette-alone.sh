#!/usr/bin/env bash
# @robzzson/silhouette has no score for a clustering in which one point is alone, nor for labels with a gap: NaN for all of it, without an error.
#
# npm @robzzson/silhouette 0.0.7, Node 24. The silhouette of a point compares its mean distance to its own cluster with that to the nearest other one; that of a point alone in its cluster is defined as 0
# (Rousseeuw, 1987), and a clustering's is the mean. A guess: 0 for those, and the labels may be any natural numbers, which is all that the package asks of them. But a cluster's own mean is a
# sum of nothing divided by 0, and so is the distance to a label that nobody has; one NaN makes the mean NaN. Faces grouped by person nearly always have people with one picture; labels have gaps
# as soon as a person was joined with another, left out as noise, or counted from 1. Seen, points on a line, by the definition / seen:
#   0 1, 10 11                 labels 0 0 1 1:         0.900 / 0.900
#   0 1, 10 11, 50             labels 0 0 1 1 2:       0.720 / NaN
#   0 1, 10 11                 labels 0 0 2 2:         0.900 / NaN
#   0 1, 10 11                 labels 1 1 2 2:         0.900 / NaN
# Search for the best number of clusters by the largest score leaves such a clustering out, as NaN > x is false.
# Way out: number the labels anew from 0, leave out who is alone, and multiply by the share of points that were left.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @robzzson/silhouette@0.0.7 > /dev/null
cat > run.cjs <<'JS'
const loaded = require("@robzzson/silhouette");
const silhouette = loaded.default ?? loaded;
/** The definition, of points on a line. */
const definition = (points, labels) => {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return mean(points.map(([x], i) => {
    const to = (label) => points.flatMap(([y], j) => (labels[j] === label && j !== i ? [Math.abs(x - y)] : []));
    const own = to(labels[i]);
    if (own.length === 0) return 0;
    const [a, b] = [mean(own), Math.min(...[...new Set(labels)].filter((label) => label !== labels[i]).map((label) => mean(to(label))))];
    return (b - a) / Math.max(a, b);
  }));
};
const line = (...values) => values.map((value) => [value]);
const seen = {};
for (const [points, labels] of [[line(0, 1, 10, 11), [0, 0, 1, 1]], [line(0, 1, 10, 11, 50), [0, 0, 1, 1, 2]], [line(0, 1, 10, 11), [0, 0, 2, 2]], [line(0, 1, 10, 11), [1, 1, 2, 2]]]) {
  seen[labels.join(" ")] = [definition(points, labels).toFixed(3), silhouette(points, labels).toFixed(3)];
}
console.log("@robzzson/silhouette", require("./node_modules/@robzzson/silhouette/package.json").version, seen);
const expected = { "0 0 1 1": ["0.900", "0.900"], "0 0 1 1 2": ["0.720", "NaN"], "0 0 2 2": ["0.900", "NaN"], "1 1 2 2": ["0.900", "NaN"] };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
