#!/usr/bin/env bash
# nanotar calls a symbolic link by the name of what it points to, if that name is long, and forgets the folders of files in archives of the ustar format.
#
# npm nanotar 0.3.0, Node 24, Debian's GNU tar 1.34. Tar's header has 100 bytes for a name and 100 for a link's target. Longer names go before it, in each format by its own way: ustar
# (POSIX 1988) has a field "prefix" for the folders, GNU's a member "L" for the name and "K" for the target, pax (POSIX 2001) records "path" and "linkpath". A guess: all four are read
# or not, a name stays a name. Seen, of a file D/face.jpg (D has 95 letters), a file E/face.jpg and a link "latest" with a target of more than 100 letters, the names that are listed:
#   ustar: face.jpg, face.jpg             (D and E are lost: two files of one name; links so long cannot be written)
#   gnu:   D/face.jpg, E/face.jpg, T      (T: the link's target, "latest" is nowhere)
#   pax:   D/face.jpg, E/face.jpg, T      ("latest" is nowhere)
# The target overwrites the name that belongs to the next header ("K" and "L" set one field, and "linkpath" stands in for "path"). Whoever collects files in a Map or an object keeps one of two.
# Way out: tar, tar-stream or modern-tar, which give the right names in all three.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error nanotar@0.3.0 tar-stream@3.2.2 > /dev/null
mkdir files
cd files
first="$(printf 'D%.0s' {1..95})"
second="$(printf 'E%.0s' {1..95})"
mkdir "$first" "$second"
printf one > "$first/face.jpg"
printf two > "$second/face.jpg"
ln -s "../files/$first/face.jpg" latest
tar --format=ustar -cf ../ustar.tar "$first/face.jpg" "$second/face.jpg"
tar --format=gnu -cf ../gnu.tar "$first/face.jpg" "$second/face.jpg" latest
tar --format=posix -cf ../pax.tar "$first/face.jpg" "$second/face.jpg" latest
cd ..
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { parseTar } from "nanotar";
import { extract } from "tar-stream";

const short = (name) => name.replace(/^(\.\.\/)?files\/D+\/face\.jpg$/, "T").replace(/D{95}/, "D").replace(/E{95}/, "E");
const control = async (bytes) => {
  const names = [];
  const reader = extract();
  Readable.from([bytes]).pipe(reader);
  for await (const member of reader) {
    names.push(short(member.header.name));
    member.resume();
  }
  return names.join(" ");
};
const seen = {};
for (const format of ["ustar", "gnu", "pax"]) {
  const bytes = readFileSync(`${format}.tar`);
  // A copy: the bytes alone, at the beginning of their memory.
  seen[format] = parseTar(new Uint8Array(bytes)).map((file) => `${short(file.name)} ${file.type}${file.text ? ` ${file.text}` : ""}`);
  const wanted = format === "ustar" ? "D/face.jpg E/face.jpg" : "D/face.jpg E/face.jpg latest";
  if ((await control(bytes)) !== wanted) throw new Error("the archive is wrong");
}
console.log("nanotar", JSON.parse(readFileSync("node_modules/nanotar/package.json", "utf8")).version, seen);
const files = ["D/face.jpg file one", "E/face.jpg file two", "T symbolicLink"];
const expected = { ustar: ["face.jpg file one", "face.jpg file two"], gnu: files, pax: files };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
