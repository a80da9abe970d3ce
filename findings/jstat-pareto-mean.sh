#!/usr/bin/env bash
# jStat's mean and median of a Pareto distribution are not those of its own density: it takes a power for a product, and a product for a root.
#
# npm jstat 1.9.6, Node 24. Of a Pareto distribution with scale m and shape a the mean is a m / (a - 1), the median m times the a-th root of 2. A guess: pareto.mean and
# pareto.median are those, as its pdf, cdf, inv, mode and variance are right. The mean has m to the power of a instead of m, the median a times the square root of 2.
# Only at m = 1, where most examples are made, is the mean right; the median is right at none of these.
# Seen, scale, shape: mean (right, by the integral of x pdf), median (pareto.inv(0.5), right), and pareto.cdf of that median, which should be 0.5:
#   1, 3: 1.5 (1.5), 4.243 (1.260), 0.987
#   2, 3: 12 (3), 8.485 (2.520), 0.987
#   10, 2: 200 (20), 28.284 (14.142), 0.875
# Way out: inv(0.5, m, a) for the median, and a m / (a - 1) by hand.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error jstat@1.9.6 > /dev/null
cat > run.cjs <<'JS'
const { jStat } = require("jstat");
const { pareto } = jStat;
/** The mean by the package's own density: the integral of x pdf(x) from `scale` on, by midpoints of t = scale / x. */
const meanOfDensity = (scale, shape) => {
  const steps = 20_000;
  let sum = 0;
  for (let i = 0; i < steps; i++) {
    const t = (i + 0.5) / steps;
    sum += ((scale / t) * pareto.pdf(scale / t, scale, shape) * scale) / t ** 2 / steps;
  }
  return sum;
};
const seen = [[1, 3], [2, 3], [10, 2]].map(([scale, shape]) => {
  const median = pareto.median(scale, shape);
  return [pareto.mean(scale, shape), meanOfDensity(scale, shape), median, pareto.inv(0.5, scale, shape), pareto.cdf(median, scale, shape)].map((x) => x.toFixed(3)).join(" ");
});
console.log("jstat", require("jstat/package.json").version, seen);
const expected = ["1.500 1.500 4.243 1.260 0.987", "12.000 3.000 8.485 2.520 0.987", "200.000 20.000 28.284 14.142 0.875"];
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
