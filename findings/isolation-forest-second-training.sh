#!/usr/bin/env bash
# Isolation forests learn once: trained anew, ml-isolation-forest and isolation-forest go on to judge by the first data; and one draws no samples, so that its scores fall with the number of points.
#
# npm ml-isolation-forest 0.1.0, isolation-forest 0.0.9, Node 24. An isolation forest (Liu, Ting and Zhou, 2008) scores a point by how soon random cuts part it from a sample of the data: near 1 an anomaly, at most 0.5
# where all are alike. A guess: train or fit with other data makes another forest. Both put new trees behind the old ones and ask as many as were asked for, from the front. isolation-forest
# draws a sample for each tree, leaves it unused and builds the tree of all points, to the depth for a sample; ml-isolation-forest's average depth has Euler's constant once where the formula has it twice,
# so that scores are lower: of 3 points in a row the outer two get 0.2, by the formula 0.42. Seen, two normal clouds of 128, around (0, 0) and (20, 20), the scores of the two centres:
#   ml-isolation-forest, of the first cloud     0.4 0.8       then of the second    0.4 0.8, to the last digit; a new forest of the second: 0.7 0.4
#   isolation-forest, of the first cloud        0.3 0.7       then of the second    0.3 0.7, to the last digit
#   isolation-forest, samples of 64, the mean score of 64, 256 and 1024 points of one cloud: 0.46, 0.35, 0.25 (samples of 64 would not know how many points there are)
# No error. A detector that is trained again each day stays with its first day.
# Way out: a new object for each training, and with isolation-forest one's own samples.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-isolation-forest@0.1.0 isolation-forest@0.0.9 > /dev/null
cat > run.cjs <<'JS'
let state = 3;
Math.random = () => {
  state = (state + 0x6d_2b_79_f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};
const ml = require("ml-isolation-forest");
const other = require("isolation-forest");
const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
const cloud = (count, middle) => Array.from({ length: count }, () => [middle + normal(), middle + normal()]);
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const [first, second] = [cloud(128, 0), cloud(128, 20)];
const centres = [[0, 0], [20, 20]];
const forests = {
  "ml-isolation-forest": () => { const forest = new ml.IsolationForest({ nEstimators: 100 }); return { train: (data) => forest.train(data), predict: (data) => forest.predict(data) }; },
  "isolation-forest": () => { const forest = new other.IsolationForest(100, 64); return { train: (data) => forest.fit(data), predict: (data) => forest.predict(data) }; },
};
const seen = {};
for (const [name, make] of Object.entries(forests)) {
  const forest = make();
  forest.train(first);
  const before = forest.predict(centres);
  forest.train(second);
  const after = forest.predict(centres);
  const fresh = make();
  fresh.train(second);
  const right = fresh.predict(centres);
  console.log(name, before, after, right);
  seen[name] = [before[0] < before[1], after.every((value, i) => value === before[i]), right[0] > right[1]].join();
}
const three = new ml.IsolationForest({ nEstimators: 4000 });
three.train([[0], [1], [2]]);
// By the definition an outer one is parted by the first cut (half of the time), or by the second.
const average = (count) => (count < 2 ? 0 : count === 2 ? 1 : 2 * (Math.log(count - 1) + 0.5772156649) - (2 * (count - 1)) / count);
seen["outer of three"] = [three.predict([[0]])[0].toFixed(1), (2 ** (-1.5 / average(3))).toFixed(2)];
const means = [64, 256, 1024].map((count) => {
  const forest = new other.IsolationForest(50, 64);
  const data = cloud(count, 0);
  forest.fit(data);
  return mean(forest.predict(data));
});
seen["mean scores fall"] = means[0] > 0.43 && means[1] < 0.4 && means[2] < 0.3;
console.log(seen, means);
const expected = { "ml-isolation-forest": "true,true,true", "isolation-forest": "true,true,true", "outer of three": ["0.2", "0.42"], "mean scores fall": true };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
