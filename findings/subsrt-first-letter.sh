#!/usr/bin/env bash
# subsrt-ts takes the first letter of every line of an SSA or ASS file away, and opens italics that it cannot close; and SAMI files that it has written itself have no captions for it.
#
# npm subsrt-ts 2.1.2, beside subsrt 1.1.1, whose successor it is, Node 24, Debian 12's ffmpeg 5.1. The text of an ASS line is what comes after the ninth comma, without
# a space. A guess: it comes back whole, as from subsrt. The port adds two to the length of what stands before it: one for the comma, one for nothing. Seen:
#   file (ffmpeg's)                    subsrt            subsrt-ts
#   ...,,0,0,0,,Hello, world           Hello, world      ello, world
#   ...,,0,0,0,,{\i1}Hello{\i0}        Hello             \i1}Hello
# So the override at a line's beginning, which is hidden elsewhere, is shown. Files of its own `build` (ssa and ass) come back likewise. `build` with "smi" and `parse` of that: no caption; so in subsrt.
# Way out: ass-compiler, or another format (srt, sbv and vtt come back whole).
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
command -v ffmpeg > /dev/null || apt-get install -y ffmpeg > /dev/null
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error subsrt-ts@2.1.2 subsrt@1.1.1 > /dev/null
printf '1\n00:00:01,000 --> 00:00:02,500\nHello, world\n\n2\n00:00:03,000 --> 00:00:04,000\n<i>Hello</i>\n\n' > film.srt
ffmpeg -v error -i film.srt film.ass
grep -c '^Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,Hello, world' film.ass > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import old from "subsrt";
import * as port from "subsrt-ts";

const subsrt = port.default ?? port;
const texts = (captions) => captions.filter(({ type }) => type === "caption").map(({ text }) => text.trim());
const file = readFileSync("film.ass", "utf8");
const captions = [{ type: "caption", index: 1, start: 1000, end: 2500, duration: 1500, content: "Hello, world", text: "Hello, world" }];
const again = (library, format) => texts(library.parse(library.build(captions, { format }), { format }));
const seen = { "subsrt, film.ass": texts(old.parse(file)), "subsrt-ts, film.ass": texts(subsrt.parse(file)) };
for (const format of ["ass", "ssa", "srt", "sbv", "vtt", "smi"]) seen[`subsrt-ts, ${format}`] = again(subsrt, format);
seen["subsrt, smi"] = again(old, "smi");
console.log("subsrt-ts", JSON.parse(readFileSync("node_modules/subsrt-ts/package.json", "utf8")).version, seen);
const expected = {
  "subsrt, film.ass": ["Hello, world", "Hello"], "subsrt-ts, film.ass": ["ello, world", "\\i1}Hello"],
  "subsrt-ts, ass": ["ello, world"], "subsrt-ts, ssa": ["ello, world"], "subsrt-ts, srt": ["Hello, world"], "subsrt-ts, sbv": ["Hello, world"], "subsrt-ts, vtt": ["Hello, world"],
  "subsrt-ts, smi": [], "subsrt, smi": [],
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
