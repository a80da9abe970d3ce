#!/usr/bin/env bash
# npm's tiff reads tiles of colour pictures as if they were grey: other pixels, without an error.
#
# npm tiff 7.1.3, files by sharp 0.35.5 (which reads them back), Node 24. TIFF files keep their pixels in strips or in tiles; large pictures, of microscopes, maps and
# scanners, in tiles. A guess: what is right in strips, and in tiles of grey, is right in tiles of colour. Seen: as many values as a tile has pixels are taken, one after
# another, and each is put where a pixel begins; two thirds of the result, or three quarters, stay 0.
# Seen, 20 x 20 pixels, tiles of 16 x 16, wrong values of all:
#   grey: strips 0 of 400, tiles 0          RGB: strips 0 of 1200, tiles 1194
#   RGBA: strips 0 of 1600, tiles 1594
# with LZW or deflate likewise.
# Way out: geotiff, or another reader, where the file has TileWidth (322).
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --no-audit --no-fund --loglevel=error tiff@7.1.3 sharp@0.35.5 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import sharp from "sharp";
import { decode } from "tiff";

const wrong = async (channels, tile, compression) => {
  const values = Buffer.from(Array.from({ length: 400 * channels }, (_, i) => 1 + ((i * 7) % 251)));
  const picture = sharp(values, { raw: { width: 20, height: 20, channels } }).toColourspace(channels === 1 ? "b-w" : "srgb");
  const file = await picture.tiff({ compression, predictor: "none", tile, tileWidth: 16, tileHeight: 16 }).toBuffer();
  const control = await sharp(file).toColourspace(channels === 1 ? "b-w" : "srgb").raw().toBuffer();
  if (!control.equals(values)) throw new Error("the file is wrong");
  const { data } = decode(file)[0];
  if (data.length !== values.length) throw new Error("another length");
  return values.filter((value, i) => data[i] !== value).length;
};
const seen = {};
for (const [name, channels] of [["grey", 1], ["RGB", 3], ["RGBA", 4]]) for (const compression of ["none", "lzw", "deflate"]) seen[`${name}, ${compression}`] = [await wrong(channels, false, compression), await wrong(channels, true, compression)].join(" ");
console.log("tiff", JSON.parse(readFileSync("node_modules/tiff/package.json", "utf8")).version, "wrong in strips, in tiles:", seen);
const expected = { grey: "0 0", RGB: "0 1194", RGBA: "0 1594" };
if (!Object.entries(seen).every(([name, counts]) => counts === expected[name.split(",")[0]])) throw new Error("this has changed");
JS
node run.mjs
