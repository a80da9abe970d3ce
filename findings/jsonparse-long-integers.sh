#!/usr/bin/env bash
# jsonparse gives the same JSON field now as a number, now as a string: it depends on the digits, and on the sign.
#
# npm jsonparse 1.3.1 (JSONStream reads with it), Node 24. A JSON number without a sign, point or exponent, whose digits JavaScript would print otherwise, comes as a string.
# A guess: a number comes as a number, rounded if it must be, as JSON.parse does, or all long ones come as text. But neighbours differ in their type, a negative one is rounded
# without a word, and one that a double holds exactly is text from 22 digits on. `value > 0`, sums and sorting then work for most rows.
# Seen: 9007199254740992: number             9007199254740993: string            -9007199254740993: number, -9007199254740992
#       100000000000000000000: number         1000000000000000000000: string      1e21: number       9007199254740993.0: number, 9007199254740992
#       1234567890.50: number, though JavaScript prints it otherwise too
# Way out: take `Number` or `BigInt` of each such field by its name, whatever its type.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error jsonparse@1.3.1 > /dev/null
cat > run.cjs <<'JS'
const Parser = require("jsonparse");
const parsed = (text) => {
  let answer;
  const parser = new Parser();
  parser.onValue = function (value) {
    if (this.stack.length === 0) answer = value;
  };
  parser.write(text);
  return answer;
};
const texts = ["9007199254740992", "9007199254740993", "-9007199254740993", "100000000000000000000", "1000000000000000000000", "1e21", "9007199254740993.0", "1234567890.50"];
const seen = parsed(`[${texts.join(",")}]`);
console.log("jsonparse", require("jsonparse/package.json").version, seen);
const expected = [2 ** 53, "9007199254740993", -(2 ** 53), 1e20, "1000000000000000000000", 1e21, 2 ** 53, 1234567890.5];
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
