#!/usr/bin/env bash
# negotiator (and accepts and Express on it) finds no language where one side has three parts: zh-Hant does not get zh-Hant-TW, nor the other way round.
#
# npm negotiator 1.1.0, Node 24. A language range of Accept-Language matches a tag that is the same or begins with it and a hyphen (RFC 4647, basic filtering). A guess: whoever
# asks for traditional Chinese or Serbian in Latin letters gets a page of just that, as who asks for English gets en-US. negotiator cuts tags at the first hyphen
# alone, and compares the whole or the first part. The script is no part by itself, so that tags of language, script and region match their own kind only.
# Seen, asked for; there is: answer
#   zh-Hant, en;q=0.1; zh-Hant-TW, en: en          sr-Latn; sr-Latn-RS: none
#   zh-Hant; zh-Hans-CN, zh: zh                    zh-Hant-TW, en;q=0.1; zh-Hant, en: en
#   zh; zh-Hant-TW: zh-Hant-TW                     en; en-US: en-US
# Way out: offer each page under its shorter names too (zh-Hant besides zh-Hant-TW), and map the answer back.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error negotiator@1.1.0 > /dev/null
cat > run.cjs <<'JS'
const Negotiator = require("negotiator");
const answer = (asked, ...offered) => new Negotiator({ headers: { "accept-language": asked } }).language(offered) ?? "none";
const seen = {
  script: answer("zh-Hant, en;q=0.1", "zh-Hant-TW", "en"),
  latin: answer("sr-Latn", "sr-Latn-RS"),
  plain: answer("zh-Hant", "zh-Hans-CN", "zh"),
  shorter: answer("zh-Hant-TW, en;q=0.1", "zh-Hant", "en"),
  first: answer("zh", "zh-Hant-TW"),
  two: answer("en", "en-US"),
  wayOut: answer("zh-Hant, en;q=0.1", "zh-Hant-TW", "zh-Hant", "en"),
};
console.log("negotiator", require("negotiator/package.json").version, seen);
const expected = { script: "en", latin: "none", plain: "zh", shorter: "en", first: "zh-Hant-TW", two: "en-US", wayOut: "zh-Hant" };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.cjs
