#!/usr/bin/env bash
# Human's `similarity` of two faces changes when one of its options is named with its own default value, and its "Euclidean distance" is the square, 25 times.
#
# npm @vladmandic/human 3.3.6 with @tensorflow/tfjs 4.22.0, Node 24. match.similarity and match.find take order, multiplier, min, max and threshold, each documented with a default. A guess:
# an option that is named changes that one. But whoever names one loses the other defaults: min and max become 0 and 1 instead of 0.2 and 0.8, and the multiplier
# 20 instead of 25. So a limit that was tuned without options is wrong as soon as, say, `threshold` is given, in the direction of "another person".
# Distance with order 2 is multiplier * sum of squares, no root, rounded to two digits.
# Seen, two descriptors of 128 numbers at a Euclidean distance of d (distance; similarity; with { order: 2 }; with { order: 2, multiplier: 25 }):
#   d 2: 100; 1; 0.91; 0.9     d 6: 900; 0.83; 0.73; 0.7     d 10: 2500; 0.5; 0.55; 0.5     d 14: 4900; 0.17; 0.37; 0.3
#   match.find at d 6: 0.83, with { threshold: 0 }, the default: 0.73
# Way out: name all of order, multiplier, min, max (and threshold) or none.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @vladmandic/human@3.3.6 @tensorflow/tfjs@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0 > /dev/null
cat > run.cjs <<'JS'
const { match } = require("./node_modules/@vladmandic/human/dist/human.node-wasm.js");
const descriptor = (first) => Array.from({ length: 128 }, (_, i) => (i === 0 ? first : 0));
const zero = descriptor(0);
const both = (d, ...options) => match.similarity(zero, descriptor(d), ...options);
const seen = Object.fromEntries(
  [2, 6, 10, 14].map((d) => [d, [match.distance(zero, descriptor(d)), both(d), both(d, { order: 2 }), both(d, { order: 2, multiplier: 25 })].join("; ")]),
);
seen.find = [match.find(zero, [descriptor(6)]).similarity, match.find(zero, [descriptor(6)], { threshold: 0 }).similarity].join("; ");
console.log("@vladmandic/human", require("./node_modules/@vladmandic/human/package.json").version, seen);
const expected = { 2: "100; 1; 0.91; 0.9", 6: "900; 0.83; 0.73; 0.7", 10: "2500; 0.5; 0.55; 0.5", 14: "4900; 0.17; 0.37; 0.3", find: "0.83; 0.73" };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
