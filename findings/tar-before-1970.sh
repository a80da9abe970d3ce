#!/usr/bin/env bash
# modern-tar loses files from before 1970 out of GNU tar's archives, and names a member after what such a file contains; others move their time by a second, or to 1970.
#
# npm modern-tar 0.8.6, tar-stream 3.2.2, @remix-run/tar-parser 0.7.1, tar 7.5.23, Node 24, Debian's GNU tar 1.34. Scans of old photographs get the day of the exposure as the time of the file.
# GNU's format writes negative times as a number of 12 bytes in two's complement, the posix format (pax) as text in a header of its own. A guess: such a file is read with its time,
# or at worst with another; its name and bytes do not depend on it. Seen, two files "old.txt" (1962-05-01 12:00:00, "portrait") and "new.txt" ("later"), as name, year or time, bytes:
#   modern-tar   gnu: "portrait", 1970, none (the file's bytes as a name); new.txt     posix: right      gnu with strict: true: "TAR number too large"
#   tar-stream   gnu: 12:00:01 (one's complement)                                      posix: 1970-01-01, with the right time in header.pax alone
#   tar-parser   gnu: 12:00:01                                                         posix: 1970-01-01
#   tar          gnu: right                                                            posix: right
# modern-tar drops the header that it cannot read, and takes the next block of 512 bytes, which is the file's first, for one; its check of the sum is in strict mode alone.
# Way out: `strict: true` of modern-tar, and archives in the posix format.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error modern-tar@0.8.6 tar-stream@3.2.2 @remix-run/tar-parser@0.7.1 tar@7.5.23 > /dev/null
printf portrait > old.txt
printf later > new.txt
touch -d "1962-05-01 12:00:00 UTC" old.txt
touch -d "2026-01-01 00:00:00 UTC" new.txt
for format in gnu posix; do
  tar --format=$format -cf $format.tar old.txt new.txt
  tar -xOf $format.tar old.txt | cmp - old.txt
done
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { parseTar } from "@remix-run/tar-parser";
import { unpackTar } from "modern-tar";
import { list } from "tar";
import { extract } from "tar-stream";

const modern = async (format, strict) => (await unpackTar(readFileSync(`${format}.tar`), { strict })).map(({ header, data }) => [header.name, header.mtime, Buffer.from(data).toString()]);
const readers = {
  "modern-tar": (format) => modern(format, false),
  "modern-tar, strict": (format) => modern(format, true),
  "tar-stream": async (format) => {
    const members = [];
    const reader = extract();
    Readable.from([readFileSync(`${format}.tar`)]).pipe(reader);
    for await (const member of reader) {
      const chunks = [];
      for await (const chunk of member) chunks.push(chunk);
      members.push([member.header.name, member.header.mtime, Buffer.concat(chunks).toString()]);
    }
    return members;
  },
  "tar-parser": async (format) => {
    const members = [];
    await parseTar(new Blob([readFileSync(`${format}.tar`)]).stream(), async (entry) => {
      members.push([entry.name, new Date(1000 * entry.header.mtime), await entry.text()]);
    });
    return members;
  },
  tar: async (format) => {
    const members = [];
    await list({ file: `${format}.tar`, onReadEntry: (entry) => { const chunks = []; entry.on("data", (chunk) => chunks.push(chunk)); entry.on("end", () => members.push([entry.path, entry.mtime, Buffer.concat(chunks).toString()])); } });
    return members;
  },
};
const seen = {};
for (const [name, read] of Object.entries(readers)) for (const format of ["gnu", "posix"]) {
  try {
    seen[`${name}, ${format}`] = (await read(format)).map(([file, time, text]) => `${file} ${time.toISOString().slice(0, 19)} ${text}`).join(", ");
  } catch (error) {
    seen[`${name}, ${format}`] = error.message;
  }
}
console.log(seen);
const right = "old.txt 1962-05-01T12:00:00 portrait, new.txt 2026-01-01T00:00:00 later";
const late = right.replace("12:00:00", "12:00:01");
const epoch = right.replace("1962-05-01T12", "1970-01-01T00");
const expected = {
  "modern-tar, gnu": "portrait 1970-01-01T00:00:00 , new.txt 2026-01-01T00:00:00 later", "modern-tar, posix": right,
  "modern-tar, strict, gnu": "TAR number too large", "modern-tar, strict, posix": right,
  "tar-stream, gnu": late, "tar-stream, posix": epoch, "tar-parser, gnu": late, "tar-parser, posix": epoch, "tar, gnu": right, "tar, posix": right,
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
