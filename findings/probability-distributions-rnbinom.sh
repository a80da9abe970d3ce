#!/usr/bin/env bash
# probability-distributions' negative binomial numbers are too large by size - 1: asked for a mean of 7.5 with size 5 they have 11.5, and never are below 4.
#
# npm probability-distributions 0.9.1, Node 24. rnbinom(n, size, p, mu) is named and called as in R: the failures before the size-th success, with mean size (1 - p) / p, or `mu` where that is given instead of p.
# Some count the trials with the successes instead, which is size more. A guess: one of the two. Each number is the trials less 1, right in either only for size 1 (where tests look). Seen, n = 100,000:
#   size 5, mu 7.5          mean 11.5, smallest 4          (failures 7.5 and 0, trials 12.5 and 5)
#   size 5, p 0.4           mean 11.5, smallest 4
#   size 1, p 0.5           mean 1, smallest 0             (right)
#   size 20, mu 1           mean 20                        (1)
# The variance is right, so with size 20 it is a twentieth of the mean, where every negative binomial distribution has more than its mean.
# Way out: take size - 1 away.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error probability-distributions@0.9.1 > /dev/null
cat > run.cjs <<'JS'
const distributions = require("probability-distributions");
const draw = (...options) => {
  const values = distributions.rnbinom(100_000, ...options);
  const mean = values.reduce((sum, n) => sum + n, 0) / values.length;
  return { mean, variance: values.reduce((sum, n) => sum + (n - mean) ** 2, 0) / values.length, smallest: values.reduce((a, b) => Math.min(a, b)) };
};
const seen = { "size 5, mu 7.5": draw(5, undefined, 7.5), "size 5, p 0.4": draw(5, 0.4), "size 1, p 0.5": draw(1, 0.5), "size 20, mu 1": draw(20, undefined, 1) };
console.log("probability-distributions", require("probability-distributions/package.json").version, seen);
const near = (value, wanted, tolerance) => Math.abs(value - wanted) < tolerance;
// Ten standard errors of the means are 0.14, 0.14, 0.05 and 0.03.
const isAsSeen = near(seen["size 5, mu 7.5"].mean, 11.5, 0.14) && seen["size 5, mu 7.5"].smallest === 4 && near(seen["size 5, mu 7.5"].variance, 18.75, 1.5)
  && near(seen["size 5, p 0.4"].mean, 11.5, 0.14) && near(seen["size 1, p 0.5"].mean, 1, 0.05) && seen["size 1, p 0.5"].smallest === 0 && near(seen["size 20, mu 1"].mean, 20, 0.05);
if (!isAsSeen) throw new Error("this has changed");
JS
node run.cjs
