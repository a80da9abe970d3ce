#!/usr/bin/env bash
# tar-stream gives a sparse file of GNU tar under another name, or without a type, and with other bytes, without an error.
#
# npm tar-stream 3.2.2, Node 24, Debian's GNU tar 1.34. With -S (as many backup scripts have it) tar leaves out blocks of zeros where a file has holes, such as
# masks or heat maps that were written in part; of other files it changes nothing. A guess: a reader fills the holes, or fails as it does with formats unknown to it.
# Seen, a file mask.bin of 1,048,576 bytes with "end" at 500,000, in an archive without -S: name "mask.bin", type "file", 1,048,576 bytes; with -S:
#   --format=gnu:                        "mask.bin", type null, 4,096 bytes
#   --format=posix:                      "./GNUSparseFile.N/mask.bin" (N: the number of tar's process), type "file", 4,608 bytes that begin with a list of numbers as text
#   --format=posix --sparse-version=0.1: "./GNUSparseFile.N/mask.bin", type "file", 4,096 bytes
# Nothing marks the content but header.pax ("GNU.sparse.name", "GNU.sparse.realsize" or "GNU.sparse.size"); GNU tar itself reads all of them back.
# Way out: refuse members whose type is null, and those whose pax header has a key that begins with "GNU.sparse.".
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error tar-stream@3.2.2 > /dev/null
truncate -s 1048576 mask.bin
printf end | dd of=mask.bin bs=1 seek=500000 conv=notrunc status=none
tar --format=gnu -cf plain.tar mask.bin
tar -S --format=gnu -cf gnu.tar mask.bin
tar -S --format=posix -cf posix.tar mask.bin
tar -S --format=posix --sparse-version=0.1 -cf posix01.tar mask.bin
for archive in gnu posix posix01; do
  tar -xOf "$archive.tar" | cmp - mask.bin
done
cat > run.cjs <<'JS'
const { readFileSync } = require("node:fs");
const { Readable } = require("node:stream");
const { extract } = require("tar-stream");
(async () => {
  const seen = {};
  for (const archive of ["plain", "gnu", "posix", "posix01"]) {
    const reader = extract();
    Readable.from([readFileSync(`${archive}.tar`)]).pipe(reader);
    for await (const member of reader) {
      const chunks = [];
      for await (const chunk of member) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      const { name, type, pax } = member.header;
      const keys = Object.keys(pax ?? {}).filter((key) => key.startsWith("GNU.sparse.")).length;
      seen[archive] = [name.replace(/\d+/, "N"), String(type), bytes.length, /^\d+\n\d+\n/.test(bytes.toString("latin1", 0, 40)), keys > 0].join(" ");
    }
  }
  console.log("tar-stream", JSON.parse(readFileSync("node_modules/tar-stream/package.json", "utf8")).version, seen);
  const expected = { plain: "mask.bin file 1048576 false false", gnu: "mask.bin null 4096 false false", posix: "./GNUSparseFile.N/mask.bin file 4608 true true", posix01: "./GNUSparseFile.N/mask.bin file 4096 false true" };
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
})();
JS
node run.cjs
