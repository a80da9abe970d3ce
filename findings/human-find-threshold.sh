#!/usr/bin/env bash
# Human's `match.find` with a threshold gives the first face that is near enough, not the nearest, and gives one that is too far as well.
#
# npm @vladmandic/human 3.3.6 with @tensorflow/tfjs 4.22.0, Node 24. match.find looks for a face among known ones, documented as the closest entry and index -1 where none matches.
# A guess: `threshold` is the distance up to which it is a match. It is where the search stops: a later, nearer face is not looked at, so who is recognised depends on the order of
# the list, and the larger the threshold the worse the answer; where nothing is near enough the nearest stranger is given, with its index.
# Seen, descriptors at Euclidean distances 0.5, 0.1 and 1 (order 2, multiplier 25, min 0.2, max 0.8 each time): index
#   threshold 0: 1      threshold 10: 0 (distance 6.25)      turned round, 1, 0.1, 0.5, threshold 10: 1      one alone at 9, threshold 10: 0 (distance 2025)
# Way out: leave the threshold away, and compare the answer's distance with it.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @vladmandic/human@3.3.6 @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0 > /dev/null
cat > run.cjs <<'JS'
const { match } = require("./node_modules/@vladmandic/human/dist/human.node-wasm.js");
const descriptor = (first) => Array.from({ length: 128 }, (_, i) => (i === 0 ? first : 0));
const find = (distances, threshold) => {
  const { index, distance } = match.find(descriptor(0), distances.map(descriptor), { order: 2, multiplier: 25, threshold, min: 0.2, max: 0.8 });
  return `${index} (distance ${distance})`;
};
const seen = { none: find([0.5, 0.1, 1], 0), ten: find([0.5, 0.1, 1], 10), turned: find([1, 0.1, 0.5], 10), far: find([9], 10) };
console.log("@vladmandic/human", require("./node_modules/@vladmandic/human/package.json").version, seen);
const expected = { none: "1 (distance 0.25)", ten: "0 (distance 6.25)", turned: "1 (distance 0.25)", far: "0 (distance 2025)" };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
