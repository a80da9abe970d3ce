#!/usr/bin/env bash
# range-parser, and @fastify/send, which goes back to it, refuse "the last 200 bytes" of a file of 100: 416, where HTTP says that it is the whole file.
#
# npm range-parser 1.3.0 and @fastify/send 4.2.1, Node 24. RFC 9110, 14.1.2: where the representation is shorter than the suffix asked for, all of it is used.
# Readers of Parquet and ZIP ask so for a file's end before they know its size. A guess: a server answers 206 with all bytes, as it cuts off an end that lies too far.
# Seen, a file of 100 bytes:
#   range-parser: bytes=-20: 80 to 99    bytes=-100: 0 to 99    bytes=-200: -1 (not satisfiable)    bytes=50-300: 50 to 99    bytes=-200,0-9: 0 to 9 alone
#   @fastify/send: bytes=-100: 206, 100 bytes    bytes=-200: 416    bytes=50-300: 206, 50 bytes
# So a table of many rows is read, and a small one is not.
# Way out, for readers: ask for the size first (HEAD), or for the whole on 416.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error range-parser@1.3.0 @fastify/send@4.2.1 > /dev/null
head -c 100 /dev/zero > table.parquet
cat > run.cjs <<'JS'
const { createServer } = require("node:http");
const parse = require("range-parser");
const send = require("@fastify/send");
const ranges = ["bytes=-20", "bytes=-100", "bytes=-200", "bytes=50-300", "bytes=-200,0-9"].map((range) => {
  const parsed = parse(100, range);
  return Array.isArray(parsed) ? parsed.map(({ start, end }) => `${start} to ${end}`).join(", ") : parsed;
});
const server = createServer(async (request, response) => {
  const { statusCode, headers, stream } = await send(request, "/table.parquet", { root: __dirname });
  response.writeHead(statusCode, headers);
  stream.pipe(response);
});
server.listen(0, "127.0.0.1", async () => {
  const answers = [];
  for (const range of ["bytes=-100", "bytes=-200", "bytes=50-300"]) {
    const answer = await fetch(`http://127.0.0.1:${server.address().port}/`, { headers: { range } });
    const { byteLength } = await answer.arrayBuffer();
    answers.push(answer.ok ? `${answer.status} ${byteLength}` : `${answer.status}`);
  }
  server.close();
  console.log("range-parser", require("range-parser/package.json").version, "@fastify/send", require("@fastify/send/package.json").version, ranges, answers);
  const expected = [["80 to 99", "0 to 99", -1, "50 to 99", "0 to 9"], ["206 100", "416", "206 50"]];
  if (JSON.stringify([ranges, answers]) !== JSON.stringify(expected)) throw new Error("this has changed");
});
JS
node run.cjs
