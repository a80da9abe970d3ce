#!/usr/bin/env bash
# @datadog/sketches-js loses what is below 0 when sketches are merged, and the values above 1 if 1 itself was one of them: quantiles of the whole are those of a part.
#
# npm @datadog/sketches-js 2.1.1, Node 24. A DDSketch keeps the quantiles of many values in little space, each within 1 %, and is documented to be mergeable under that guarantee, and to take numbers of
# both signs. A guess: merged sketches answer as one that saw all values. But merge adds the counts, sums and zeros of both and the bins of the values above 0; those of the values below 0 stay behind. And
# the bin of values near 1 (0.98 to 1, in which a score of 1 falls) has the number 0, which the code that makes room for bins takes for "none given": where 0 is the last bin of what is merged in and
# lies behind the room that is there, everything that falls outside is added to nothing. Merging into an empty sketch is right. Seen, quantiles 0, 0.1, 0.25, 0.5, 0.75, 0.9, 1, one sketch / merged:
#   1 to 100, and -1 to -100:           -100 -81 -51 -1 50 81 100           / 1 20 50 100 100 100 100
#   scores 0.01 to 0.5, 0.51 to 1:      0.01 0.10 0.25 0.50 0.75 0.90 0.99  / 0.01 0.10 0.25 0.50 0.75 0.51 0.51
#   scores 0.01 to 0.5, 0.51 to 0.97:   the same in both
# count, sum, min and max are right in each case, so that nothing looks wrong: the largest score is 1, and nine tenths of the scores are said to be below 0.51.
# Way out: scores times 100, or their complements in a range that does not end at 1; a second sketch for the negatives of values below 0.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @datadog/sketches-js@2.1.1 > /dev/null
cat > run.cjs <<'JS'
const { DDSketch } = require("@datadog/sketches-js");
const quantiles = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1];
const range = (from, to, step = 1) => Array.from({ length: to - from + 1 }, (_, i) => (from + i) * step);
const sketch = (values) => {
  const result = new DDSketch();
  for (const value of values) result.accept(value);
  return result;
};
const show = (result, digits) => quantiles.map((quantile) => result.getValueAtQuantile(quantile).toFixed(digits)).join(" ");
const seen = {};
const cases = {
  "both signs": [range(1, 100), range(1, 100, -1), 0], "scores to 1": [range(1, 50, 0.01), range(51, 100, 0.01), 2], "scores to 0.97": [range(1, 50, 0.01), range(51, 97, 0.01), 2],
};
for (const [name, [first, second, digits]] of Object.entries(cases)) {
  const merged = sketch(first);
  merged.merge(sketch(second));
  const whole = sketch([...first, ...second]);
  seen[name] = [show(whole, digits), show(merged, digits)];
  if (merged.count !== whole.count || merged.min !== whole.min || merged.max !== whole.max) throw new Error("counts and ends differ too");
  const empty = new DDSketch();
  empty.merge(whole);
  if (show(empty, digits) !== show(whole, digits)) throw new Error("merged into an empty one it differs too");
}
console.log("@datadog/sketches-js", require("./node_modules/@datadog/sketches-js/package.json").version, seen);
const expected = {
  "both signs": ["-100 -81 -51 -1 50 81 100", "1 20 50 100 100 100 100"],
  "scores to 1": ["0.01 0.10 0.25 0.50 0.75 0.90 0.99", "0.01 0.10 0.25 0.50 0.75 0.51 0.51"],
  "scores to 0.97": ["0.01 0.10 0.25 0.49 0.73 0.88 0.97", "0.01 0.10 0.25 0.49 0.73 0.88 0.97"],
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
