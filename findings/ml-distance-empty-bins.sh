#!/usr/bin/env bash
# ml-distance knows no distance of histograms with an empty bin: Jensen-Shannon, Kullback-Leibler, chi-square and Canberra are NaN, also of a histogram and itself.
#
# npm ml-distance 5.0.0, Node 24. In these measures a bin that neither has counts nothing, and one that only the first has not either: 0 log 0 and 0 / 0 are 0 there by convention, as in SciPy and in Cha's
# survey, which the package's list follows. A guess: so here; Jensen-Shannon was made to be finite where Kullback-Leibler is not. The sums are
# written as they stand, 0 * -Infinity or 0 / 0 in JavaScript, and one empty bin makes all NaN. Colours, local binary patterns and labels have empty bins nearly always, and
# `NaN < best` is false, so that a search for the nearest keeps what it began with. Sums of roots, products and smallest or largest values are right.
# Seen, 0.5 0.5 0 and 0.25 0.75 0 (without the third bin):
#   jensenShannon NaN (0.034)  kullbackLeibler NaN (0.144)  squared NaN (0.133)  canberra NaN (0.533)  clark NaN (0.389)
#   of 36 measures that are 0 for 0.5 0.5 and itself, 17 are NaN for 0.5 0.5 0; euclidean, manhattan, hellinger, sorensen and soergel are among the others
# Way out: a small number added to each bin, or bins left out that both have empty.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-distance@5.0.0 > /dev/null
cat > run.cjs <<'JS'
const { distance } = require("ml-distance");
const round = (n) => Number(n.toFixed(3));
const seen = {};
for (const name of ["jensenShannon", "kullbackLeibler", "squared", "canberra", "clark", "euclidean"]) seen[name] = [distance[name]([0.5, 0.5, 0], [0.25, 0.75, 0]), distance[name]([0.5, 0.5], [0.25, 0.75])].map(round);
const zero = Object.keys(distance).filter((name) => Math.abs(distance[name]([0.5, 0.5], [0.5, 0.5])) < 1e-7);
const lost = zero.filter((name) => Number.isNaN(distance[name]([0.5, 0.5, 0], [0.5, 0.5, 0])));
console.log("ml-distance", seen, `0 for a histogram and itself: ${zero.length}; NaN with an empty bin: ${lost.length}:`, lost.join(" "));
const expected = { jensenShannon: [NaN, 0.034], kullbackLeibler: [NaN, 0.144], squared: [NaN, 0.133], canberra: [NaN, 0.533], clark: [NaN, 0.389], euclidean: [0.354, 0.354] };
const isSame = Object.entries(expected).every(([name, numbers]) => numbers.every((n, i) => Object.is(n, seen[name][i])));
if (!isSame || zero.length !== 36 || lost.length !== 17) throw new Error("this has changed");
JS
node run.cjs
