#!/usr/bin/env bash
# image-hash's hashes are not those of blockhash, of which it is a wrapper: each has a one too few in every band, so that the same picture is 4 bits from itself.
#
# npm image-hash 7.0.1, beside blockhash-core 0.1.0 and imghash 1.1.4 on it, Node 24. The package says that it wraps blockhash-js: the picture is cut into blocks, and a block is 1 if it is brighter than the
# median of its quarter of the rows. A guess: the hash is that of the other packages that have the algorithm, so that hashes of a store, another program or a published list can be
# compared. But of an even number of blocks it takes the mean of the two after the middle for the median (there is an even number always, as bits are a multiple of 4). So 7 of 16 blocks of a band are brighter, not 8;
# with 4 bits it is one of four. Seen, a photograph-like PNG file, ones of 64, of 256 and of 16, and the distance:
#   bits 8:     image-hash 28, blockhash 32, distance 4
#   bits 16:    image-hash 124, blockhash 128, distance 4
#   bits 4:     image-hash 4, blockhash 8, distance 4
# Packages of one kind agree with themselves; only limits ("a copy is at most 5 bits away") and stored hashes do not carry over, and with 4 bits half of what a hash can tell is gone.
# Way out: imghash or blockhash-core for all hashes of a store.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --no-audit --no-fund --loglevel=error image-hash@7.0.1 blockhash-core@0.1.0 imghash@1.1.4 sharp@0.35.5 > /dev/null
cat > run.cjs <<'JS'
const { promisify } = require("node:util");
const blockhash = require("blockhash-core");
const imghash = require("imghash");
const { imageHash } = require("image-hash");
const sharp = require("sharp");
const ones = (hash) => [...hash].map((digit) => parseInt(digit, 16).toString(2).padStart(4, "0")).join("");
const count = (bits) => [...bits].filter((bit) => bit === "1").length;
const size = 128;
(async () => {
  const value = (x, y) => 120 + 60 * Math.sin(x / 17 + y / 40) + 50 * Math.cos(y / 23 - x / 61) + ((x * 7919 + y * 104_729) % 13);
  const pixels = Buffer.from(Array.from({ length: size * size }, (_, i) => Math.round(value(i % size, Math.floor(i / size)))).flatMap((v) => [v, v, v]));
  const data = await sharp(pixels, { raw: { width: size, height: size, channels: 3 } }).png().toBuffer();
  const rgba = { width: size, height: size, data: await sharp(data).ensureAlpha().raw().toBuffer() };
  const seen = {};
  for (const bits of [8, 16, 4]) {
    const [a, b] = [ones(await promisify(imageHash)({ data }, bits, true)), ones(blockhash.bmvbhash(rgba, bits))];
    if (ones(await (imghash.default ?? imghash).hash(data, bits)) !== b) throw new Error("imghash has another one");
    seen[bits] = [count(a), count(b), [...a].filter((bit, i) => bit !== b[i]).length].join(" ");
  }
  console.log("image-hash", require("./node_modules/image-hash/package.json").version, seen);
  const expected = { 4: "4 8 4", 8: "28 32 4", 16: "124 128 4" };
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
})();
JS
node run.cjs
