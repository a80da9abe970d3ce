#!/usr/bin/env bash
# bloom-filters' count-min sketch has the fewer rows the more sure one wants to be: 99.9 % makes one row, 0.1 % seven.
#
# npm bloom-filters 3.0.4, Node 24. A count-min sketch counts how often things occur, and never too low; by how much too high is bounded by the columns, and how surely by the rows, ln(1 / delta) of them, where delta is the
# share of answers that may be beyond the bound (Cormode and Muthukrishnan, 2005). create and from take an error rate and "the probability of accuracy", 0.999 by default, with 0.99, "99% accuracy",
# in the usage. A guess: delta is 1 less it. It is put into the formula itself: ln(1 / 0.999) is 0.001, one row. One row holds the bound for 63 % of the things only. Seen, error rate 0.01:
#   accuracy 0.5, 0.9, 0.99, 0.999: 1 row      0.1: 3 rows      0.01: 5 rows      0.001: 7 rows
#   995 things once and 5 things 201 times, 2,000 in all, bound 20: accuracy 0.999: 16 of 1,000 beyond it, by up to 205; accuracy 0.001: none, at most 4 too high
# merge adds the counts but not their sum, and documents to return a sketch, which it does not; a clone's `sum` is 0: of 5 and 7 merged count is 12, sum 5, the clone's 0.
# Way out: CountMinSketch.create(errorRate, 1 - accuracy).
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error bloom-filters@3.0.4 > /dev/null
cat > run.cjs <<'JS'
const { CountMinSketch } = require("bloom-filters");
const seen = {};
for (const accuracy of [0.5, 0.9, 0.99, 0.999, 0.1, 0.01, 0.001]) seen[`rows, ${accuracy}`] = CountMinSketch.create(0.01, accuracy).rows;
seen["rows, default"] = CountMinSketch.create(0.01).rows;
for (const accuracy of [0.999, 0.001]) {
  const sketch = CountMinSketch.create(0.01, accuracy);
  const times = (i) => (i < 5 ? 201 : 1);
  for (let i = 0; i < 1000; i++) sketch.update(`p${i}`, times(i));
  const beyond = Array.from({ length: 1000 }, (_, i) => sketch.count(`p${i}`) - times(i));
  seen[`too high, ${accuracy}`] = [beyond.filter((value) => value > 0.01 * sketch.sum).length, Math.max(...beyond)].join(" ");
}
const [first, second] = [new CountMinSketch(100, 3), new CountMinSketch(100, 3)];
first.update("x", 5);
second.update("x", 7);
const returned = first.merge(second);
seen.merged = [first.count("x"), first.sum, first.clone().sum, returned].join(" ");
console.log("bloom-filters", require("./node_modules/bloom-filters/package.json").version, seen);
const expected = {
  "rows, 0.5": 1, "rows, 0.9": 1, "rows, 0.99": 1, "rows, 0.999": 1, "rows, 0.1": 3, "rows, 0.01": 5, "rows, 0.001": 7, "rows, default": 1,
  "too high, 0.999": "16 205", "too high, 0.001": "0 4", merged: "12 5 0 ",
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
