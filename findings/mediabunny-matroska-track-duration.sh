#!/usr/bin/env bash
# mediabunny 1.61.0 in Node 24, films written by Debian 12's ffmpeg 5.1: how long a picture track is, as the container says it.
#
# InputTrack.getDurationFromMetadata is documented as "the duration (end timestamp) in seconds of this track from metadata". A guess: of a film with
# 2 seconds of pictures and 5 of sound the picture track has 2, and whoever has read frames up to there has all of them.
# Seen, for the picture track of the same film in three containers (from metadata / by computeDuration, which looks for the last packet):
#   MP4       2.000 / 2.000
#   Matroska  5.023 / 2.023
#   WebM      5.008 / 2.007
# Matroska's Duration is that of the whole segment, and is given as the track's. So a reader that calls a film cut off when its last frame ends
# before the track's duration refuses whole films, and a progress bar over the track never fills.
# Way out: where the format is Matroska or WebM, take the number for the whole film's; whether a film is whole tells the last packet of all tracks.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
command -v ffmpeg >/dev/null || apt-get install -y ffmpeg >/dev/null
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error --ignore-scripts mediabunny@1.61.0 >/dev/null
sources="-f lavfi -i testsrc2=size=160x120:rate=25:duration=2 -f lavfi -i sine=duration=5 -map 0 -map 1"
ffmpeg -v error $sources -c:v libx264 -c:a aac film.mp4
ffmpeg -v error $sources -c:v libx264 -c:a aac film.mkv
ffmpeg -v error $sources -c:v libvpx -c:a libopus film.webm
cat >check.mjs <<'JS'
import { ALL_FORMATS, FilePathSource, Input } from "mediabunny";
const seen = {};
for (const ending of ["mp4", "mkv", "webm"]) {
  const input = new Input({ source: new FilePathSource(`film.${ending}`), formats: ALL_FORMATS });
  const track = await input.getPrimaryVideoTrack();
  seen[ending] = [await track.getDurationFromMetadata(), await track.computeDuration()].map((seconds) => Math.round(seconds));
  console.log(ending, await track.getDurationFromMetadata(), await track.computeDuration());
  input.dispose();
}
if (JSON.stringify(seen) !== JSON.stringify({ mp4: [2, 2], mkv: [5, 2], webm: [5, 2] })) process.exit(1);
JS
node check.mjs
