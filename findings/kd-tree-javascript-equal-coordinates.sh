#!/usr/bin/env bash
# kd-tree-javascript does not remove a point that shares a coordinate with one above it in the tree; nothing says so, and the point is found ever after.
#
# npm kd-tree-javascript 1.0.3, Node 24. The tree is made by sorting and taking the middle, so that points whose coordinate equals the middle's stand on both sides of it.
# `remove` looks on one side only. A guess: remove(point) with the very object that the tree was made of removes it, or tells that it did not. With random fractions it
# always does; with pixels, or anything else that is whole or rounded, equal coordinates are the rule.
# Seen, 60 points on a grid, each removed in turn by its own object from a fresh tree, how many are then still found:
#   x and y of 0 to 7, drawn: 25 of 60        of 0 to 31: 9 of 60        fractions: 0 of 60
# Three points in one column, (5, 1), (5, 5), (5, 9), and (5, 5) a second time: after removing the first, the four are still there.
# Searching is not touched: the nearest ones are right.
# Way out: add a tiny different fraction to each coordinate for the tree, or mark removed points and leave them out of what `nearest` finds.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error kd-tree-javascript@1.0.3 > /dev/null
cat > run.cjs <<'JS'
const { kdTree } = require("kd-tree-javascript");
const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
let state = 1;
const random = () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
const remaining = (draw) => {
  const points = Array.from({ length: 60 }, () => ({ x: draw(), y: draw() }));
  return points.filter((point) => {
    const tree = new kdTree(points.slice(), distance, ["x", "y"]);
    tree.remove(point);
    return tree.nearest(point, points.length).some(([found]) => found === point);
  }).length;
};
const column = [[5, 1], [5, 5], [5, 9], [5, 5]].map(([x, y]) => ({ x, y }));
const tree = new kdTree(column.slice(), distance, ["x", "y"]);
tree.remove(column[0]);
const seen = { coarse: remaining(() => Math.floor(random() * 8)), fine: remaining(() => Math.floor(random() * 32)), fractions: remaining(random), column: tree.nearest({ x: 5, y: 5 }, 9).length };
console.log("kd-tree-javascript", require("kd-tree-javascript/package.json").version, seen);
const expected = { coarse: 25, fine: 9, fractions: 0, column: 4 };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
