#!/usr/bin/env bash
# csv-parse's `cast` makes 0 of everything that is written as a hexadecimal, binary or octal number: all such identifiers become the same.
#
# npm csv-parse 7.0.3, Node 24. With `cast: true` a field that is a number is to become one. Whether it is one is asked with a conversion that understands 0x, 0b and 0o; it is
# then made with parseFloat, which reads "0" and stops at the letter. A guess: "0x1A" is 26, as d3-dsv's autoType says, or stays text, as Papa Parse's dynamicTyping lets it.
# Hashes, colours, memory and wallet addresses begin like that. No error and no warning.
# Seen, cast: 0x1A: 0 (d3-dsv 26)   0xff: 0 (255)   0b11: 0 (3)   0o17: 0 (15)   0x9f3acafe: 0 (2671430398)     0xg, 0x and 1a stay text
# Way out: a function as `cast` that makes a number only of /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error csv-parse@7.0.3 d3-dsv@3.0.1 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { autoType, csvParse } from "d3-dsv";
const fields = ["0x1A", "0xff", "0b11", "0o17", "0x9f3acafe", "0xg", "0x", "1a", "26"];
const table = `id\n${fields.join("\n")}\n`;
const ids = (rows) => rows.map((row) => row.id);
const seen = { csvParse: ids(parse(table, { columns: true, cast: true })), d3: ids(csvParse(table, autoType)) };
console.log("csv-parse", JSON.parse(readFileSync("node_modules/csv-parse/package.json", "utf8")).version, seen);
const expected = { csvParse: [0, 0, 0, 0, 0, "0xg", "0x", "1a", 26], d3: [26, 255, 3, 15, 2671430398, "0xg", "0x", "1a", 26] };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
