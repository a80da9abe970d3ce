#!/usr/bin/env bash
# Chromium 156.0.8078.108 (Debian 12), driven by playwright-core 1.65.1: the colours of a film that does not say how they are coded.
#
# Most films of fewer than 720 lines do not say by which matrix their colours became brightness and colour differences, and mean BT.601. A guess: a
# frame of WebCodecs' VideoDecoder, whose configuration says nothing, has the colour space null, or what the same browser plays the film by.
# Seen, of one VP8 film of 640 x 360 pixels that says nothing:
#   <video>, drawn on a canvas:       200 61 51 (written as 200 60 50: BT.601)
#   VideoFrame, drawn on a canvas:    213 74 51
#   VideoFrame.colorSpace.matrix:     "bt709", as if the film said so
# The same for H.264 and VP9, in WebM, Matroska and MP4. So who reads planes and believes the frame is off by up to 14 levels, and does not see what
# the visitor sees.
# Way out: ask the container and the bitstream. Where both say nothing, say smpte170m in the decoder's configuration (the frame then has it), or
# do not believe the frame.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for program in chromium ffmpeg; do command -v $program >/dev/null || apt-get install -y $program >/dev/null; done
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error --ignore-scripts playwright-core@1.65.1 >/dev/null
coded="-t 0.4 -r 25 -vf scale=out_color_matrix=bt601:out_range=tv,format=yuv420p -c:v libvpx -b:v 4M"
ffmpeg -v error -f lavfi -i color=0xC83C32:size=640x360 $coded film.webm
ffmpeg -v error -i film.webm -c copy film.ivf
cat >check.cjs <<'JS'
const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");
const { chromium } = require("playwright-core");
const files = { "/film.webm": "video/webm", "/film.ivf": "application/octet-stream" };
const server = createServer(({ url }, response) => {
  const type = files[url];
  response.writeHead(200, { "content-type": type ?? "text/html" }).end(type === undefined ? "<!doctype html>" : readFileSync(url.slice(1)));
});
(async () => {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  const seen = await page.evaluate(async () => {
    const context = new OffscreenCanvas(640, 360).getContext("2d", { willReadFrequently: true });
    const drawn = (source) => {
      context.drawImage(source, 0, 0);
      return [...context.getImageData(320, 180, 1, 1).data.slice(0, 3)];
    };
    const video = document.createElement("video");
    video.src = "/film.webm";
    await new Promise((resolve, reject) => Object.assign(video, { onloadeddata: resolve, onerror: reject }));
    const ivf = await (await fetch("/film.ivf")).arrayBuffer();
    // Behind the file's header of 32 bytes, each frame has one of 12, which begins with its length.
    const data = ivf.slice(44, 44 + new DataView(ivf).getUint32(32, true));
    const decode = async (colours) => {
      const { promise, resolve, reject } = Promise.withResolvers();
      const decoder = new VideoDecoder({ output: resolve, error: reject });
      decoder.configure({ codec: "vp8", ...colours });
      decoder.decode(new EncodedVideoChunk({ type: "key", timestamp: 0, data }));
      await decoder.flush();
      const frame = await promise;
      return { matrix: frame.colorSpace.matrix, drawn: drawn(frame) };
    };
    const name = "smpte170m";
    return {
      video: drawn(video),
      frame: await decode({}),
      told: await decode({ colorSpace: { primaries: name, transfer: name, matrix: name, fullRange: false } }),
    };
  });
  const version = browser.version();
  await browser.close();
  server.close();
  console.log(`Chromium ${version}`, JSON.stringify(seen));
  const near = (a, b) => a.every((value, index) => Math.abs(value - b[index]) <= 3);
  const written = [200, 60, 50];
  const { video, frame, told } = seen;
  const asBefore = near(video, written) && frame.matrix === "bt709" && !near(frame.drawn, written) && near(told.drawn, written);
  if (!asBefore) console.log("this has changed");
  process.exit(asBefore ? 0 : 1);
})();
JS
node check.cjs
