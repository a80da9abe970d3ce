#!/usr/bin/env bash
# @datadog/sketches-js' sketches of limited size are wrong at the end that they are there to keep: values that rise make the one for small values say 1023 for a tenth that is 100.
#
# npm @datadog/sketches-js 2.1.1, Node 24. LogCollapsingHighestDenseDDSketch joins the bins of its highest values where it has no more room, and LogCollapsingLowestDenseDDSketch those of its lowest; the rest
# is to stay within the relative accuracy (Masson, Rim and Lee, 2019). A guess: small quantiles of the first, and large ones of the second, are those of a DDSketch. But in the first the rule "beyond
# the end, into the last bin" stands at the wrong end, so that values below the smallest count as the largest, and its room ends two bins too late; in both the sum of the bins to be joined takes one
# too many, which is then counted twice. What comes out depends on the order of the values. Seen, 1 to 1000, 128 bins of 1 % (a factor of 13), quantiles 0, 0.1, 0.25, 0.5, 0.75, 0.9, 1:
#   DDSketch, in any order:       1 100 252 498 743 907 1002
#   highest joined, rising:       1 1023 1023 1023 1023 1023 1023          (about 13 from the first bin on: right would be 1, then the joined bin near 13)
#   highest joined, falling:      77 176 327 573 821 983 1002              (right: as above)
#   lowest joined, falling:       79 100 252 498 743 907 1002              (right)
#   lowest joined, rising:        79 79 172 424 672 821 925                (right: as falling)
# The count is 1000 each time. Latencies and losses seldom come in falling order.
# Way out: DDSketch; with 2,048 bins it needs no more than 16 kB for anything from a nanosecond to a year.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @datadog/sketches-js@2.1.1 > /dev/null
cat > run.cjs <<'JS'
const { DDSketch, LogCollapsingHighestDenseDDSketch, LogCollapsingLowestDenseDDSketch } = require("@datadog/sketches-js");
const quantiles = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1];
const rising = Array.from({ length: 1000 }, (_, i) => i + 1);
const seen = {};
for (const [name, Sketch] of Object.entries({ all: DDSketch, highest: LogCollapsingHighestDenseDDSketch, lowest: LogCollapsingLowestDenseDDSketch })) {
  for (const [order, values] of Object.entries({ rising, falling: rising.toReversed() })) {
    const sketch = new Sketch({ relativeAccuracy: 0.01, binLimit: 128 });
    for (const value of values) sketch.accept(value);
    if (sketch.count !== 1000) throw new Error("the count differs too");
    seen[`${name}, ${order}`] = quantiles.map((quantile) => Math.round(sketch.getValueAtQuantile(quantile))).join(" ");
  }
}
console.log("@datadog/sketches-js", require("./node_modules/@datadog/sketches-js/package.json").version, seen);
const expected = {
  "all, rising": "1 100 252 498 743 907 1002", "all, falling": "1 100 252 498 743 907 1002",
  "highest, rising": "1 1023 1023 1023 1023 1023 1023", "highest, falling": "77 176 327 573 821 983 1002",
  "lowest, rising": "79 79 172 424 672 821 925", "lowest, falling": "79 100 252 498 743 907 1002",
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
