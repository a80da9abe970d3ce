#!/usr/bin/env bash
# bloom-filters' HyperLogLog finds half of what there is, up to as many different things as it has registers: 499 of 1,000, with an accuracy of 3 % by its own word.
#
# npm bloom-filters 3.0.4, Node 24. HyperLogLog counts different things in little space (Flajolet and others, 2007): each register keeps the longest run of zeros, plus 1, of the hashes that fall into it; 0 means that
# none did, and for small counts the registers that are still empty are counted. A guess: an error of about accuracy(), 1.04 / sqrt(registers), at any count. Here the run is kept without the 1, and the
# estimate is doubled for it, which is right for large counts. But half of all hashes begin with a one: their registers stay 0 and count as empty. Seen, 1,024 registers (accuracy 0.033), different things,
# estimate / by the definition, which is written out below with another hash:
#   100: 59 / 99      500: 235 / 494      1000: 499 / 996      2000: 2612 / 1995      5000: 5062 / 5179
# merge makes a sketch with the default seed, whatever the two have: of two with seed 5 it knows nobody again, 3,000 things that are already in it make 5874 of 3303.
# The usage in its documentation, 100 registers, is refused: "should be a power of 2".
# Way out: a sketch with so few registers that the counts are five times as many and more, an exact Set below that, and the same seed set on what merge gives.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error bloom-filters@3.0.4 > /dev/null
cat > run.cjs <<'JS'
const { createHash } = require("node:crypto");
const { HyperLogLog } = require("bloom-filters");
const registers = 1024;
const things = (count, letter = "a") => Array.from({ length: count }, (_, i) => letter + i);
const definition = (names) => {
  const longest = new Uint8Array(registers);
  for (const name of names) {
    const hash = createHash("sha256").update(name).digest();
    const index = hash.readUInt16BE(0) % registers;
    longest[index] = Math.max(longest[index], Math.clz32(hash.readUInt32BE(4)) + 1);
  }
  const estimate = ((0.7213 / (1 + 1.079 / registers)) * registers ** 2) / longest.reduce((sum, run) => sum + 2 ** -run, 0);
  const empty = longest.filter((run) => run === 0).length;
  return Math.round(estimate <= 2.5 * registers && empty > 0 ? registers * Math.log(registers / empty) : estimate);
};
const sketch = (names, seed) => {
  const result = new HyperLogLog(registers);
  if (seed !== undefined) result.seed = seed;
  for (const name of names) result.update(name);
  return result;
};
const seen = { accuracy: new HyperLogLog(registers).accuracy().toFixed(3) };
for (const count of [100, 500, 1000, 2000, 5000]) {
  const names = things(count, "picture-");
  seen[count] = [sketch(names).count(true), definition(names)].join(" ");
  if (Math.abs(definition(names) / count - 1) > 0.1) throw new Error("the definition is written out wrongly");
}
const merged = sketch(things(3000), 5).merge(sketch(things(1, "b"), 5));
const before = merged.count(true);
for (const name of things(3000)) merged.update(name);
seen.merged = [before, merged.count(true)].join(" ");
try {
  seen["100 registers"] = new HyperLogLog(100).nbRegisters;
} catch {
  seen["100 registers"] = "refused";
}
console.log("bloom-filters", require("./node_modules/bloom-filters/package.json").version, seen);
const expected = { 100: "59 99", 500: "235 494", 1000: "499 996", 2000: "2612 1995", 5000: "5062 5179", accuracy: "0.033", merged: "3303 5874", "100 registers": "refused" };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
