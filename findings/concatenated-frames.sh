#!/usr/bin/env bash
# Files put end to end with cat: fflate gives the first five bytes of a gzip file of two parts, Node's zstd the first part or all by how the chunks were cut, lz4js the first.
#
# npm fflate 0.8.3, pako 3.0.3, fzstd 0.1.1, lz4js 0.2.0, node:zlib of Node 24; Debian's gzip, zstd and lz4. In all three formats files may be put one after the other and are the contents together
# (RFC 1952, 2.2; RFC 8878, 3.1; LZ4's frame format), which logs that are continued, bgzip, pzstd and seekable archives make use of. A guess: a reader gives all of it, or says that something follows.
# Seen, "hello " and "world":
#   gzip   gzip, node:zlib, pako, fflate's Gunzip: "hello world"     fflate.gunzipSync: "hello", one letter less than the first part (it makes room for as many bytes as the last part has)
#   zstd   zstd, fzstd: "hello world"                                node:zlib zstdDecompressSync: "hello "; createZstdDecompress: "hello " of one chunk, "hello world" if the chunks end where a part does
#          a skippable frame (as seekable archives have) before "hello ": zstd "hello ", fzstd "hello ", zstdDecompressSync ""
#   lz4    lz4: "hello world"                                        lz4js: "hello "
# No error and no warning.
# Way out: the ones that give all, and for zstd fzstd, or to look for what is left of the input.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
command -v zstd > /dev/null || apt-get install -y zstd > /dev/null
command -v lz4 > /dev/null || apt-get install -y lz4 > /dev/null
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error fflate@0.8.3 pako@3.0.3 fzstd@0.1.1 lz4js@0.2.0 > /dev/null
for tool in gzip zstd lz4; do
  printf 'hello ' | "$tool" -c > first
  printf 'world' | "$tool" -c > second
  cat first second > "both.$tool"
  mv first "first.$tool"
  test "$("$tool" -dc < "both.$tool")" = "hello world"
done
{ printf '\x50\x2a\x4d\x18\x04\x00\x00\x00note'; cat first.zstd; } > skip.zstd
test "$(zstd -dc < skip.zstd)" = "hello "
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import zlib from "node:zlib";
import { Gunzip, gunzipSync } from "fflate";
import { decompress as fzstd } from "fzstd";
import { ungzip } from "pako";

const lz4 = createRequire(import.meta.url)("lz4js");
const text = (bytes) => Buffer.from(bytes).toString();
const [gzip, zstd, skip, first] = ["both.gzip", "both.zstd", "skip.zstd", "first.zstd"].map((name) => readFileSync(name));
const streamed = async (chunks) => {
  const parts = [];
  for await (const part of Readable.from(chunks).pipe(zlib.createZstdDecompress())) parts.push(part);
  return text(Buffer.concat(parts));
};
const pushed = [];
new Gunzip((part) => pushed.push(Buffer.from(part))).push(gzip, true);
const seen = {
  "gzip, node:zlib": text(zlib.gunzipSync(gzip)), "gzip, pako": text(ungzip(gzip)), "gzip, Gunzip": text(Buffer.concat(pushed)), "gzip, gunzipSync": text(gunzipSync(gzip)),
  "zstd, fzstd": text(fzstd(zstd)), "zstd, zstdDecompressSync": text(zlib.zstdDecompressSync(zstd)),
  "zstd, one chunk": await streamed([zstd]), "zstd, two chunks": await streamed([zstd.subarray(0, first.length), zstd.subarray(first.length)]),
  "skippable, fzstd": text(fzstd(skip)), "skippable, zstdDecompressSync": text(zlib.zstdDecompressSync(skip)),
  "lz4, lz4js": text(lz4.decompress(readFileSync("both.lz4"))),
};
console.log("Node", process.version, seen);
const all = "hello world";
const expected = {
  "gzip, node:zlib": all, "gzip, pako": all, "gzip, Gunzip": all, "gzip, gunzipSync": "hello", "zstd, fzstd": all, "zstd, zstdDecompressSync": "hello ", "zstd, one chunk": "hello ", "zstd, two chunks": all,
  "skippable, fzstd": "hello ", "skippable, zstdDecompressSync": "", "lz4, lz4js": "hello ",
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
