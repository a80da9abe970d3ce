#!/usr/bin/env bash
# @rgba-image/lanczos leaves the middle pixel out where a picture shrinks to a third, a fifth or a seventh: a white line vanishes without a trace; and a copy of the same size is another picture.
#
# npm @rgba-image/lanczos 0.1.1 (its code began as pica's), beside pica 10.0.3 and ndarray-lanczos 0.3.0, Node 24. Lanczos' kernel is 1 at its centre, where sin(x) / x is 0 / 0 and has to be put in by
# hand. Here 0 is put in. Where factors are odd whole numbers, a source pixel lies exactly at each result's centre, gets no weight, and the weights of the others are scaled up to a sum of 1. A guess:
# lines get fainter by the factor. Seen, a white line of 1 pixel on black, 5 results wide, its largest value when it is the middle of a window, and at a window's beginning:
#   factor 2: 115, 115     factor 3: 0, 105     factor 4: 63, 49     factor 5: 0, 48     factor 7: 0, 30         (lanczos2: 111, 111   0, 99   61, 47   0, 45   0, 28)
#   pica's lanczos3, factor 3: 86, 70; ndarray-lanczos 86, 70
# At the same size nothing but rounding errors of sin is left, and they are scaled up too: 50 60 70 80 90 100 110 120 becomes 50 53 70 80 90 100 117 120 (lanczos2: 60 60 70 80 90 100 110 110).
# Nothing tells it but the picture: drawings, texts and fine lines lose parts by where they lie.
# Way out: pica's resizeBuffer with filter "lanczos3".
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y > /dev/null
npm install --ignore-scripts --no-audit --no-fund --loglevel=error @rgba-image/lanczos@0.1.1 pica@10.0.3 ndarray-lanczos@0.3.0 ndarray@1.0.19 > /dev/null
cat > run.mjs <<'JS'
import { readFileSync } from "node:fs";
import { lanczos, lanczos2 } from "@rgba-image/lanczos";
import ndarray from "ndarray";
import { lanczos3 } from "ndarray-lanczos";
import Pica from "pica";

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")).version;
const picture = (size, value) => {
  const data = new Uint8ClampedArray(4 * size * size);
  for (let i = 0; i < size * size; i++) data.set([value(i % size), 0, 0, 255], 4 * i);
  return { width: size, height: size, data };
};
/** The red values of the middle row. */
const row = ({ width, data }) => Array.from({ length: width }, (_, x) => data[4 * (width * (width >> 1) + x)]);
const line = (factor, at) => picture(5 * factor, (x) => (x === 2 * factor + at ? 255 : 0));
const readers = {
  lanczos: (source, size) => {
    const result = picture(size, () => 0);
    lanczos(source, result);
    return result;
  },
  lanczos2: (source, size) => {
    const result = picture(size, () => 0);
    lanczos2(source, result);
    return result;
  },
  pica: async ({ width, data }, size) => ({ width: size, data: await new Pica({ features: ["js"] }).resizeBuffer({ src: data, width, height: width, toWidth: size, toHeight: size, filter: "lanczos3" }) }),
  "ndarray-lanczos": ({ width, data }, size) => {
    const result = ndarray(new Uint8Array(4 * size * size), [size, size, 4]);
    lanczos3(ndarray(new Uint8Array(data), [width, width, 4]), result);
    return { width: size, data: result.data };
  },
};
const seen = {};
for (const [name, resize] of Object.entries(readers)) {
  const brightest = async (factor, at) => Math.max(...row(await resize(line(factor, at), 5)));
  const pairs = [];
  for (const factor of name.startsWith("lanczos") ? [2, 3, 4, 5, 7] : [3]) pairs.push(`${await brightest(factor, factor >> 1)} ${await brightest(factor, 0)}`);
  seen[name] = [pairs.join(", "), row(await resize(picture(8, (x) => 50 + 10 * x), 8)).join(" ")];
}
console.log("@rgba-image/lanczos", version("@rgba-image/lanczos"), "pica", version("pica"), seen);
const expected = {
  lanczos: ["115 115, 0 105, 63 49, 0 48, 0 30", "50 53 70 80 90 100 117 120"],
  lanczos2: ["111 111, 0 99, 61 47, 0 45, 0 28", "60 60 70 80 90 100 110 110"],
  pica: ["86 70", "50 60 70 80 90 100 110 120"],
  "ndarray-lanczos": ["86 70", "50 60 70 80 90 100 110 120"],
};
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node run.mjs
