#!/usr/bin/env bash
# random-js writes the same random digits twice into every version 4 UUID: after "4" the third group repeats the second one.
#
# npm random-js 2.1.0, Node 24. A UUID of version 4 has 122 random bits (RFC 9562, 5.4), all but the six that say what it is. A guess: a package
# that calls itself mathematically correct draws them, from whatever engine it stands on. It draws four numbers of 32 bits and cuts groups of 16 and 12 bits out of the
# same number, four bits apart, so that they overlap: f425-80eb is followed by 480e, always. The last two groups share ten bits as well. 100 random bits are left, and
# 22 repeat others: a shard or a folder that is chosen by digits of both groups is not evenly filled. It is not the engine: MersenneTwister19937 and nodeCrypto do so alike.
# Seen, seed 1: 6ac1f425-80eb-480e-af8c-72f8eebc1448    00077eff-c389-4c38-aacb-5aacffc11e85
#   of 10,000: the third group repeats the second one in 10,000, the fifth shares ten bits with the fourth in 10,000; of crypto.randomUUID: in 3 and 11, chance
# Way out: crypto.randomUUID(), or with a seed four calls of uint32() that are cut up without an overlap.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts random-js@2.1.0
cat > look.js <<'JS'
import { randomUUID } from "node:crypto";
import { MersenneTwister19937, Random, nodeCrypto } from "random-js";
const count = 10_000;
function repeats(draw) {
  let third = 0;
  let fifth = 0;
  for (let i = 0; i < count; i++) {
    const groups = draw().split("-");
    if (groups[1].slice(0, 3) === groups[2].slice(1)) third++;
    const fourth = Number.parseInt(groups[3], 16) & 0x3fff; // without the two bits of the variant
    const begin = Number.parseInt(groups[4].slice(0, 4), 16);
    if (fourth >> 4 === (begin & 0x3ff)) fifth++;
  }
  return [third, fifth];
}
const seeded = new Random(MersenneTwister19937.seed(1));
const examples = [seeded.uuid4(), seeded.uuid4()];
const strong = new Random(nodeCrypto);
const seen = { seeded: repeats(() => seeded.uuid4()), strong: repeats(() => strong.uuid4()), node: repeats(randomUUID) };
console.log("random-js 2.1.0:", examples.join("  "), `repeated digits, of ${count} (third group, fifth group):`, seen);
const isAlways = ([third, fifth]) => third === count && fifth === count;
if (!(isAlways(seen.seeded) && isAlways(seen.strong) && seen.node[0] < 30 && seen.node[1] < 60)) throw new Error("this has changed");
JS
node look.js
