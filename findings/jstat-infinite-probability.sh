#!/usr/bin/env bash
# jStat gives Infinity for the probability of a count, from about 144 expected on, and for "at most that many" too.
#
# npm jstat 1.9.6, Node 24. poisson.pdf and binomial.pdf multiply powers, factorials and binomial coefficients as they stand, so that one of them leaves double
# precision before the product is formed; poisson.cdf sums such terms. A guess: a probability is between 0 and 1, or at least NaN where it fails. Infinity passes
# "likelier than 0.95", and a likelihood made of it is Infinity. binomial.cdf goes another way and is right.
# Seen (jStat; right, by logarithms):
#   Poisson, mean 140, exactly 140: 0.033697 (0.033697)    150: Infinity (0.022966)    mean 150, 145: Infinity (0.030435)    mean 200, 200: NaN (0.028198)
#   Poisson, mean 140, at most 140: 0.522457 (0.522457)    150: Infinity (0.813422)    mean 150, 145: Infinity (0.361072)    mean 200, 200: NaN (0.518794)
#   binomial, exactly half of 1,020: 0.024977 (0.024977)   of 1,040: Infinity (0.024735)    of 10,000: NaN (0.007979)
# So a test whether 160 false finds are more than the 140 expected says nothing, and one of 90 against 80 works.
# Way out: Math.exp of the logarithm, by jStat.gammaln: x log(mean) - mean - gammaln(x + 1).
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error jstat@1.9.6 > /dev/null
cat > run.cjs <<'JS'
const { jStat } = require("jstat");
const { poisson, binomial, gammaln } = jStat;
const byLogarithm = (count, mean) => Math.exp(count * Math.log(mean) - mean - gammaln(count + 1));
const atMost = (count, mean) => Array.from({ length: count + 1 }, (_, i) => byLogarithm(i, mean)).reduce((sum, p) => sum + p, 0);
const half = (n) => Math.exp(gammaln(n + 1) - 2 * gammaln(n / 2 + 1) - n * Math.log(2));
const both = (...pair) => pair.map((p) => p.toFixed(6)).join(" ");
const counts = [[140, 140], [150, 140], [145, 150], [200, 200]];
const seen = {
  exactly: counts.map((pair) => both(poisson.pdf(...pair), byLogarithm(...pair))),
  atMost: counts.map((pair) => both(poisson.cdf(...pair), atMost(...pair))),
  half: [1020, 1040, 10_000].map((n) => both(binomial.pdf(n / 2, n, 0.5), half(n))),
};
console.log("jstat", require("jstat/package.json").version, seen);
const expected = {
  exactly: ["0.033697 0.033697", "Infinity 0.022966", "Infinity 0.030435", "NaN 0.028198"],
  atMost: ["0.522457 0.522457", "Infinity 0.813422", "Infinity 0.361072", "NaN 0.518794"],
  half: ["0.024977 0.024977", "Infinity 0.024735", "NaN 0.007979"],
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
