#!/usr/bin/env bash
# jsfive reads eight attributes of an HDF5 object; with a ninth it sees none of them. And chunks that were never written are holes to it.
#
# npm jsfive 0.4.2 and h5wasm 0.10.3 (HDF5's own library, which writes the files here), Node 24. Both are of the same house; jsfive is the small one.
# In objects of the newer format (h5wasm's default; of h5py with libver="latest" or track_order=True) up to eight attributes lie in the object's header. With the
# ninth HDF5 moves all of them elsewhere, into "dense storage". A guess: a reader that does not know that form says so, or still has the first eight. Seen:
#   attributes written: 8: read 8     9: read 0, attrs is {}, without an error
# So a group that tells the names of its layers, or a dataset that tells classes and scale, loses what it said on the day somebody adds a note.
# A group of that kind may also keep the order in which its members were made, as lists of layers want it. jsfive gives them in the order in which they happen
# to lie in the file. Ask for members by name, not by place.
#   layer_0 to layer_7, made in this order: h5wasm 0 1 2 3 4 5 6 7, jsfive 0 4 1 5 2 6 3 7
# A dataset may have chunks that were never written, which HDF5 reads as the fill value, 0 if nothing is said. A guess: they are 0, as Dataset.fillvalue tells.
#   7 numbers in chunks of 2, 1 2 3 written: h5wasm 1 2 3 0 0 0 0; jsfive 1 2 3 0 and three holes; fillvalue 0
#   Float32Array.from of it: 1 2 3 0 NaN NaN NaN; forEach and reduce leave the holes out, so that a mean of them is another one
# So are datasets that were made larger, or written in part, as masks and heat maps are.
# Way out: h5wasm; or Array.from(value, (number) => number ?? dataset.fillvalue).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund jsfive@0.4.2 h5wasm@0.10.3
cat >look.mjs <<'JS'
import { readFileSync } from "node:fs";
import h5wasm from "h5wasm/node";
import * as jsfive from "jsfive";

await h5wasm.ready;
const file = new h5wasm.File("look.h5", "w");
for (const count of [8, 9]) {
  const group = file.create_group(`attributes${count}`);
  for (let index = 0; index < count; index++) group.create_attribute(`note_${index}`, index);
}
const ordered = file.create_group("ordered", true);
const layers = Array.from({ length: 8 }, (_, index) => `layer_${index}`);
for (const name of layers) ordered.create_dataset({ name, data: [1] });
file.create_dataset({ name: "grown", data: [1, 2, 3], shape: [3], maxshape: [null], chunks: [2] }).resize([7]);
file.close();

const own = new h5wasm.File("look.h5", "r");
const small = new jsfive.File(Uint8Array.from(readFileSync("look.h5")).buffer);
const count = (reader, name) => Object.keys(reader.get(name).attrs).length;
const attributes = [8, 9].map((written) => [count(own, `attributes${written}`), count(small, `attributes${written}`)]);
console.log(`8 attributes: h5wasm ${attributes[0][0]}, jsfive ${attributes[0][1]}; 9: h5wasm ${attributes[1][0]}, jsfive ${attributes[1][1]}`);
const orders = [own.get("ordered").keys(), small.get("ordered").keys].map((keys) => keys.join(" "));
console.log(`ordered: h5wasm ${orders[0]}; jsfive ${orders[1]}`);
const [whole, holed] = [Array.from(own.get("grown").value), small.get("grown").value];
const dense = Float32Array.from(holed).join(" ");
console.log(`grown: h5wasm ${whole.join(" ")}; jsfive ${dense}; fill value ${small.get("grown").fillvalue}`);
const isAsSeen =
  JSON.stringify(attributes) === "[[8,8],[9,0]]" &&
  orders[0] === layers.join(" ") &&
  orders[1] === [0, 4, 1, 5, 2, 6, 3, 7].map((index) => layers[index]).join(" ") &&
  whole.join(" ") === "1 2 3 0 0 0 0" &&
  dense === "1 2 3 0 NaN NaN NaN" &&
  small.get("grown").fillvalue === 0 &&
  holed.reduce((seen) => seen + 1, 0) === 4;
if (!isAsSeen) console.log("this has changed");
process.exit(isAsSeen ? 0 : 1);
JS
node look.mjs
