#!/usr/bin/env bash
# chroma-js' k-means classes are not those of k-means: the whole numbers 0 to 99 in two classes are cut at 36, and in three, four or seven at 2 and 36.
#
# npm chroma-js 3.2.0, Node 24. `chroma.limits(values, "k", n)` gives the edges of n classes by k-means, for a map's or a chart's colours. A guess: n classes, and n + 1 edges, as
# of its other ways ("e", "q", "l"); evenly spread values are cut evenly. But a value is counted in the size of every class that was nearest for a moment while the nearest was
# looked for, so that means are too small, upper classes lose all they have, and vanish from the edges without a word.
# Seen, edges (right):
#   0 to 99, 2: 0 36 99 (0 49 99)      3: 0 2 36 99 (0 33 66 99, or a unit beside)      7: 0 2 36 99
#   1 2 3 51 52 53 101 102 103, 2: 1 3 103      3: 1 3 103 (1 3 53 103)      4: 1 3 53 103
#   1 2 4 5 7 9 10 20, 5: 1 10 20
# Way out: `ckmeans` of simple-statistics, the best classes of numbers, whose first and last values are the edges.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error chroma-js@3.2.0 simple-statistics@7.12.1 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import chroma from "chroma-js";
import { ckmeans } from "simple-statistics";
const even = Array.from({ length: 100 }, (_, i) => i);
const groups = [1, 2, 3, 51, 52, 53, 101, 102, 103];
const edges = (values, count) => chroma.limits(values, "k", count).join(" ");
const best = (values, count) => [values[0], ...ckmeans(values, count).map((part) => part.at(-1))].join(" ");
const seen = {
  even: [2, 3, 7].map((count) => edges(even, count)),
  groups: [2, 3, 4].map((count) => edges(groups, count)),
  few: edges([1, 2, 4, 5, 7, 9, 10, 20], 5),
  best: [best(even, 2), best(groups, 3)],
};
console.log("chroma-js", JSON.parse(readFileSync("node_modules/chroma-js/package.json", "utf8")).version, seen);
const expected = { even: ["0 36 99", "0 2 36 99", "0 2 36 99"], groups: ["1 3 103", "1 3 103", "1 3 53 103"], few: "1 10 20", best: ["0 49 99", "1 3 53 103"] };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
