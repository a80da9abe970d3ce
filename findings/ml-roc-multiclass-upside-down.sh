#!/usr/bin/env bash
# ml-roc-multiclass finds a classifier that is always wrong perfect: an area under the curve below 0.5 is turned into 1 less it, without a word.
#
# npm ml-roc-multiclass 0.2.0, Node 24. getAuc is documented to return the area under the curve, the mean over all pairs of classes. A guess: the share of pairs in which the right one has the larger score (Mann and
# Whitney), so that 0.5 is chance and 0 always wrong. Which of two classes is meant to have the larger score is not asked; the one that is met later in the list is, and where that gives less than
# 0.5 the area is mirrored. So what it returns is never below 0.5: one number for a model and for the one with its answers turned round, and noise is better than chance.
# Of several classes each pair is mirrored by itself, so that one score per sample may rise with the class for one pair and fall for another. Seen, four "no", then four "yes":
#   scores .1 .2 .3 .4 .6 .7 .8 .9      1         by definition 1
#   scores .9 .8 .7 .6 .4 .3 .2 .1      1         by definition 0
#   scores .9 .8 .7 .3 .4 .6 .2 .1      0.875     by definition 0.125
#   three classes a b c of two, scores 1 2, 5 6, 3 4        1       although b is above c
#   the mean over 200 sets of 8 and 8 random scores         0.61    by definition 0.50
# Way out: the curve of getRocCurve, and its own area by trapezia.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error ml-roc-multiclass@0.2.0 > /dev/null
cat > run.cjs <<'JS'
const { getAuc, getRocCurve } = require("ml-roc-multiclass");
/** The definition: of all pairs of a "no" and a "yes", those in which "yes" has the larger score; equal ones count half. */
const definition = (labels, scores) => {
  const of = (label) => scores.filter((_, i) => labels[i] === label);
  const pairs = of("no").flatMap((a) => of("yes").map((b) => (b > a ? 1 : b === a ? 0.5 : 0)));
  return pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
};
const labels = (count) => [...Array(count).fill("no"), ...Array(count).fill("yes")];
const auc = (names, scores) => getAuc(getRocCurve(names, scores));
const seen = {};
for (const scores of [[0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9], [0.9, 0.8, 0.7, 0.6, 0.4, 0.3, 0.2, 0.1], [0.9, 0.8, 0.7, 0.3, 0.4, 0.6, 0.2, 0.1]]) {
  seen[scores.join(" ")] = [auc(labels(4), scores), definition(labels(4), scores)].join(" ");
}
seen["three classes"] = auc(["a", "a", "b", "b", "c", "c"], [1, 2, 5, 6, 3, 4]);
let state = 3;
const random = () => {
  state = (state + 0x6d_2b_79_f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};
const sets = Array.from({ length: 200 }, () => Array.from({ length: 16 }, random));
const mean = (values) => (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(2);
seen.random = [mean(sets.map((scores) => auc(labels(8), scores))), mean(sets.map((scores) => definition(labels(8), scores)))].join(" ");
console.log("ml-roc-multiclass", require("./node_modules/ml-roc-multiclass/package.json").version, seen);
const expected = {
  "0.1 0.2 0.3 0.4 0.6 0.7 0.8 0.9": "1 1", "0.9 0.8 0.7 0.6 0.4 0.3 0.2 0.1": "1 0", "0.9 0.8 0.7 0.3 0.4 0.6 0.2 0.1": "0.875 0.125", "three classes": 1, random: "0.61 0.50",
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
