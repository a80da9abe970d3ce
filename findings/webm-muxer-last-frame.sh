#!/usr/bin/env bash
# webm-muxer says that a film lasts up to where its last frame begins: 25 frames at 25 a second 0.96 s, one frame no time.
#
# npm webm-muxer 5.1.4 in Node 24, VP8 frames and ffprobe by Debian 12's ffmpeg 5.1. A guess: Duration is that of the film, last frame included, as ffmpeg writes it for the
# same frames, all the more as the muxer was told the frame rate, and writes it as the track's DefaultDuration. So of a film of frames at long intervals (a time lapse, a slide show)
# a good part is missing in what players show, and a still of one frame has a Duration of 0, which ffprobe takes for none.
# Seen, Duration of the file (and as ffmpeg writes it by copying the frames): 25 frames 0.960 (1.000), 2 frames 0.040 (0.080), 1 frame none (0.040)
# Way out: add the last frame a second time, at the film's end less a millisecond, or rewrite the Duration element (0x4489).
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
command -v ffmpeg > /dev/null || apt-get install -y ffmpeg > /dev/null
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error webm-muxer@5.1.4 > /dev/null
cat > run.mjs <<'JS'
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { ArrayBufferTarget, Muxer } from "webm-muxer";
const run = (program, ...words) => execFileSync(program, words, { encoding: "utf8" }).trim();
const durationOf = (file) => Number(run("ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", file)).toFixed(3).replace("NaN", "none");
const seen = {};
for (const count of [25, 2, 1]) {
  run("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25", "-frames:v", `${count}`, "-c:v", "libvpx", "-auto-alt-ref", "0", "frames.ivf");
  run("ffmpeg", "-v", "error", "-y", "-i", "frames.ivf", "-c", "copy", "copied.webm");
  const target = new ArrayBufferTarget();
  const muxer = new Muxer({ target, video: { codec: "V_VP8", width: 64, height: 48, frameRate: 25 } });
  const ivf = readFileSync("frames.ivf");
  for (let at = 32, i = 0; at < ivf.length; at += 12 + ivf.readUInt32LE(at), i++) {
    const frame = ivf.subarray(at + 12, at + 12 + ivf.readUInt32LE(at));
    muxer.addVideoChunkRaw(frame, (frame[0] & 1) === 0 ? "key" : "delta", i * 40_000);
  }
  muxer.finalize();
  writeFileSync("muxed.webm", Buffer.from(target.buffer));
  seen[count] = `${durationOf("muxed.webm")} (${durationOf("copied.webm")})`;
}
console.log("webm-muxer", JSON.parse(readFileSync("node_modules/webm-muxer/package.json", "utf8")).version, seen);
if (JSON.stringify(seen) !== JSON.stringify({ 1: "none (0.040)", 2: "0.040 (0.080)", 25: "0.960 (1.000)" })) throw new Error("this has changed");
JS
node run.mjs
