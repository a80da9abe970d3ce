#!/usr/bin/env bash
# subtitle writes times from 24 hours on as a time of day with eight digits of milliseconds, and refuses to read what it wrote.
#
# npm subtitle 4.2.2, Node 24. Hours of SubRip and WebVTT times are not limited to a day (WebVTT: two digits or more), and the package reads 25:01:01,001. A guess: formatTimestamp
# and stringify write what parse reads, so that marks along a camera's film of a day and a night can be kept in a file. The hours are taken from a Date, which
# begins anew each day; the rest of the time is then written as milliseconds. No error while writing.
# Seen (milliseconds: written, and read back):
#   86,399,999: 23:59:59,999, 86,399,999        86,400,000: 00:00:00,86400000, refused        90,061,001: 01:01:01,86400001, refused
#   25:01:01,001: 90,061,001
# A cue of WebVTT at 90,061,001 ms: 01:01:01.86400001 --> 01:01:02.86400001, where the format wants three digits; a reader that cuts there is a day off.
# Way out: write the times yourself; hours are Math.floor(time / 3,600,000).
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error subtitle@4.2.2 > /dev/null
cat > run.cjs <<'JS'
const { formatTimestamp, parseTimestamp, stringifySync } = require("subtitle");
const readBack = (text) => {
  try {
    return parseTimestamp(text);
  } catch {
    return "refused";
  }
};
const times = [86_399_999, 86_400_000, 90_061_001].map((time) => [formatTimestamp(time), readBack(formatTimestamp(time))]);
const cue = { type: "cue", data: { start: 90_061_001, end: 90_062_001, text: "a face" } };
const seen = { times, hours: parseTimestamp("25:01:01,001"), cue: stringifySync([cue], { format: "WebVTT" }).split("\n").find((line) => line.includes("-->")) };
console.log("subtitle", require("subtitle/package.json").version, seen);
const expected = {
  times: [["23:59:59,999", 86_399_999], ["00:00:00,86400000", "refused"], ["01:01:01,86400001", "refused"]],
  hours: 90_061_001,
  cue: "01:01:01.86400001 --> 01:01:02.86400001",
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
