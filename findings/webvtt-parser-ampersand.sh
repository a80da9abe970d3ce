#!/usr/bin/env bash
# webvtt-parser leaves the semicolon of every escape: "Tom &amp; Ann" of a WebVTT file is "Tom &; Ann", without an error.
#
# npm webvtt-parser 2.2.0, Node 24. WebVTT has & and < in cue texts written &amp; and &lt;. The package says that it knows few escapes by itself and all with a table given. A guess:
# the few are right. Its own table has them without the semicolon, so the shorter name is found and the semicolon stays as text; in the tree of the
# cue, which is what it offers for showing. The table for all escapes, html-entities.json, lies in the package and has both spellings.
# Seen, the text in the tree, without a table and with it:
#   Tom &amp; Ann: "Tom &; Ann", "Tom & Ann"        a &lt; b: "a <; b", "a < b"        x&nbsp;y: "x", no-break space, ";y"; with it no semicolon
# Number of errors told: 0 for each.
# Way out: new WebVTTParser(JSON of html-entities.json, each name with its characters).
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error webvtt-parser@2.2.0 > /dev/null
cat > run.cjs <<'JS'
const { WebVTTParser } = require("webvtt-parser");
const table = require("webvtt-parser/html-entities.json");
const texts = ["Tom &amp; Ann", "a &lt; b", "x&nbsp;y"];
const read = (parser, text) => {
  const { cues, errors } = parser.parse(`WEBVTT\n\n00:00.000 --> 00:09.000\n${text}\n`, "subtitles");
  return [cues[0].tree.children.map(({ value }) => value).join(""), errors.length];
};
const seen = texts.map((text) => [read(new WebVTTParser(), text), read(new WebVTTParser(table), text)]);
console.log("webvtt-parser", require("webvtt-parser/package.json").version, JSON.stringify(seen));
const expected = [[["Tom &; Ann", 0], ["Tom & Ann", 0]], [["a <; b", 0], ["a < b", 0]], [["x\u00A0;y", 0], ["x\u00A0y", 0]]];
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
