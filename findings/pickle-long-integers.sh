#!/usr/bin/env bash
# Python's pickles in JavaScript: pickleparser reads whole numbers below -2^31 as large positive ones, jpickle all beyond 32 bits as 0.
#
# npm pickleparser 0.2.1, jpickle 0.4.1, Node 24; the bytes are what Python 3.11 pickles (protocol 2 is the same opcode as the default, 4). Labels and caches of data sets are often pickles. From protocol 2 on
# a whole number that does not fit into 32 bits is LONG1: a count of bytes and two's complement, low byte first (pickletools says so). A guess: what a double holds is that number, the rest an error or a BigInt.
# pickleparser takes the bytes without their sign: a birthday before 1969-12-07 in milliseconds lies in the far future. jpickle takes one to four bytes and leaves 0 of five, six or seven, without an error.
# Text of protocol 0 keeps \u005c for each backslash, and \u000a for each end of a line, in both: the paths of another system are others. Infinity in protocol 0 is NaN in both.
# Seen:                             pickleparser        jpickle
#   -2147483649                     1097364144127       0
#   -315619200000 (1960-01-01, ms)  783892427776        0
#   2147483648                      2147483648          0
#   1767225600000                   1767225600000       0
#   -2147483648                     -2147483648         -2147483648
#   "a\b", protocol 0               a\u005cb            a\u005cb
#   infinity, protocol 0            NaN                 NaN
# From 2^63 on pickleparser refuses. Way out: floats, or text, for numbers beyond 32 bits.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts pickleparser@0.2.1 jpickle@0.4.1
cat > look.js <<'JS'
const { Parser } = require("pickleparser");
const jpickle = require("jpickle");
// LONG1: opcode 8a, the count of bytes, the bytes; 80 02 before it is the protocol, 2e the end.
function long(value) {
  let count = 1;
  while (value < -(2n ** BigInt(8 * count - 1)) || value >= 2n ** BigInt(8 * count - 1)) count++;
  const bytes = Array.from({ length: count }, (_, i) => Number((BigInt.asUintN(8 * count, value) >> BigInt(8 * i)) & 255n));
  return Buffer.from([0x80, 2, 0x8a, count, ...bytes, 0x2e]);
}
if (long(-2147483649n).toString("hex") !== "80028a05ffffff7fff2e") throw new Error("not what Python writes");
const files = {
  "-2147483649": long(-2147483649n),
  "-315619200000": long(-315619200000n),
  2147483648: long(2147483648n),
  1767225600000: long(1767225600000n),
  "-2147483648 (BININT)": Buffer.from("80024a000000802e", "hex"),
  "a\\b": Buffer.from("Va\\u005cb\np0\n."),
  infinity: Buffer.from("Finf\n."),
};
const seen = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, `${new Parser().parse(bytes)} ${jpickle.loads(bytes.toString("binary"))}`]));
console.log(`pickleparser ${require("pickleparser/package.json").version}, jpickle ${require("jpickle/package.json").version}`, seen);
const expected = {
  "-2147483649": "1097364144127 0",
  "-315619200000": "783892427776 0",
  2147483648: "2147483648 0",
  1767225600000: "1767225600000 0",
  "-2147483648 (BININT)": "-2147483648 -2147483648",
  "a\\b": "a\\u005cb a\\u005cb",
  infinity: "NaN NaN",
};
if (Object.keys(expected).some((name) => seen[name] !== expected[name])) throw new Error("this has changed");
JS
node look.js 2> errors || { cat errors; exit 1; }
