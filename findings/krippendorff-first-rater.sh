#!/usr/bin/env bash
# krippendorff forgets every sample that the first rater did not come to: agreement of 1 becomes 0.63, or the other way round, by the order in which raters are listed.
#
# npm krippendorff 0.1.0, Node 24. alpha takes a row for each rater; a rater who stopped early may have a shorter row, as in the documentation's own example, whose last rater has. A guess: the samples are
# those of the longest row, and alpha does not depend on the order of raters, since Krippendorff's definition knows no first one. The number of samples is that of the first row. Seen, raters with
# 1 2, 1 2 1 2 and 1 2 2 2:
#   the short one first: 1      second or last: 0.625      with undefined in the missing places: 0.625 in every order
# Way out: fill rows up with undefined.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error krippendorff@0.1.0 > /dev/null
cat > run.cjs <<'JS'
const { alpha } = require("krippendorff");
const rows = [[1, 2], [1, 2, 1, 2], [1, 2, 2, 2]];
const filled = rows.map((row) => Array.from({ length: 4 }, (_, i) => row[i]));
/** Nominal alpha by its definition: 1 - (pairs that differ, as observed) / (as expected). */
const control = (raters) => {
  const units = [0, 1, 2, 3].map((i) => raters.map((row) => row[i]).filter((value) => value !== undefined)).filter((unit) => unit.length > 1);
  const differ = (values) => values.reduce((sum, a, i) => sum + values.filter((b, j) => i !== j && a !== b).length, 0);
  const all = units.flat();
  const observed = units.reduce((sum, unit) => sum + differ(unit) / (unit.length - 1), 0) / all.length;
  return 1 - observed / (differ(all) / (all.length * (all.length - 1)));
};
const orders = [[0, 1, 2], [1, 0, 2], [2, 1, 0]];
const seen = { short: orders.map((order) => alpha(order.map((i) => rows[i]))), filled: orders.map((order) => alpha(order.map((i) => filled[i]))), definition: control(rows) };
console.log("krippendorff", require("krippendorff/package.json").version, seen);
const near = (a, b) => Math.abs(a - b) < 1e-9;
if (!near(seen.definition, 0.625) || !seen.filled.every((value) => near(value, 0.625)) || !near(seen.short[0], 1) || !near(seen.short[1], 0.625) || !near(seen.short[2], 0.625)) throw new Error("this has changed");
JS
node run.cjs
