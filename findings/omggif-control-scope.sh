#!/usr/bin/env bash
# omggif, and what stands on it (Jimp, gifwrap), gives a frame the transparency and the delay of the frame before, if it says nothing of its own: an opaque frame becomes invisible.
#
# npm omggif 1.0.10, gifwrap 0.10.1, beside sharp 0.35.5, Node 24. A frame of a GIF file may have a graphic control extension before it (how long it is shown, which colour is transparent, what
# happens after it). GIF89a, section 23: it holds for the one picture that follows; frames without it have no transparent colour. Encoders leave it out where nothing is to be said. A guess:
# each frame begins with the defaults, or readers refuse a mixture. Seen, 4 x 1 pixels, R G B w with G transparent (delay 0.09 s), then G G G G without an extension:
#   file      R.Bw, GGGG
#   sharp     R.Bw, GGGG, delays 90 and 100 ms
#   omggif    R.Bw, R.Bw, delays 9 and 9 hundredths: the second frame is not seen (disposal is handed on as well)
#   gifwrap   R.Bw, ....
# Way out: sharp, or gifuct-js, whose frames without the extension have none of the fields.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --no-audit --no-fund --loglevel=error omggif@1.0.10 gifwrap@0.10.1 sharp@0.35.5 > /dev/null
cat > run.cjs <<'JS'
const { GifUtil } = require("gifwrap");
const { GifReader } = require("omggif");
const sharp = require("sharp");

const colours = { R: [255, 0, 0], G: [0, 255, 0], B: [0, 0, 255], w: [255, 255, 255] };
/** A frame of four pixels: codes of 3 bits, clear, the colours (the table grows no code to 4 bits before their end, as "clear" comes again), end. */
const frame = (indices) => {
  const codes = [4, indices[0], indices[1], 4, indices[2], indices[3], 5];
  const bits = codes.reduce((sum, code, i) => sum + (BigInt(code) << BigInt(3 * i)), 0n);
  return [0x2c, 0, 0, 0, 0, 4, 0, 1, 0, 0, 2, 3, Number(bits & 255n), Number((bits >> 8n) & 255n), Number(bits >> 16n), 0];
};
const control = [0x21, 0xf9, 4, 1, 9, 0, 1, 0];
const file = Buffer.from([...Buffer.from("GIF89a"), 4, 0, 1, 0, 0xf1, 0, 0, ...Object.values(colours).flat(), ...control, ...frame([0, 1, 2, 3]), ...frame([1, 1, 1, 1]), 0x3b]);
const letters = (data) => Array.from({ length: data.length / 4 }, (_, i) => {
  const [red, green, blue, alpha] = data.slice(4 * i, 4 * i + 4);
  return alpha === 0 ? "." : Object.keys(colours).find((name) => colours[name].join() === [red, green, blue].join());
}).join("");
(async () => {
  const seen = {};
  const { delay } = await sharp(file, { animated: true }).metadata();
  seen.sharp = [letters(await sharp(file, { animated: true }).ensureAlpha().raw().toBuffer()), delay.join(" ")].join(" ");
  const reader = new GifReader(new Uint8Array(file));
  const screen = new Uint8Array(16);
  seen.omggif = [0, 1].map((i) => {
    reader.decodeAndBlitFrameRGBA(i, screen);
    return `${letters(screen)} ${reader.frameInfo(i).delay}`;
  }).join(", ");
  seen.gifwrap = (await GifUtil.read(file)).frames.map(({ bitmap, delayCentisecs }) => `${letters(bitmap.data)} ${delayCentisecs}`).join(", ");
  console.log("omggif", require("omggif/package.json").version, "gifwrap", require("gifwrap/package.json").version, seen);
  const expected = { sharp: "R.BwGGGG 90 100", omggif: "R.Bw 9, R.Bw 9", gifwrap: "R.Bw 9, .... 9" };
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
})();
JS
node run.cjs
