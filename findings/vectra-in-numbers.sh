#!/usr/bin/env bash
# vectra's filter $in finds no number, and $nin leaves none out: "age is one of 20, 30" gives nothing, "is not one of them" gives everybody.
#
# npm vectra 0.15.0, Node 24. Vectors are kept with metadata and asked for with filters of Pinecone's form, in which $in and $nin take strings and numbers. A guess: so
# here, as $eq, $ne, $gt and the others compare numbers. A list is looked through for strings that contain the value as a part, and numbers in it are passed over. So
# { $in: [20, 30] } never holds, { $nin: [20, 30] } always does, and both without an error. By the same rule a string that is part of one in the list is left out by
# $nin: whoever does not want "unhappy" does not get "happy" either, and a list of strings finds numbers whose digits are a part of one.
# Seen, ages 20 (happy), 30 (unhappy), 40 (sad): age $in [20, 30]: none    age $nin [20, 30]: 20 30 40    age $eq 20: 20    age $in ["201", "x"]: 20
#   mood $in ["happy", "sad"]: 20 40    mood $nin ["unhappy"]: 40
# Way out: { $or: [{ age: { $eq: 20 } }, { age: { $eq: 30 } }] }, and { $and: [{ mood: { $ne: "unhappy" } }, ...] }.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts vectra@0.15.0
cat > look.js <<'JS'
import { LocalIndex } from "vectra";
const index = new LocalIndex(`${process.cwd()}/index`);
await index.createIndex({ version: 1, metadata_config: { indexed: ["age", "mood"] } });
for (const [age, mood] of [
  [20, "happy"],
  [30, "unhappy"],
  [40, "sad"],
])
  await index.insertItem({ vector: [1, age / 100], metadata: { age, mood } });
const ages = (items) => items.map(({ metadata }) => metadata.age).sort().join(" ");
const seen = {};
for (const filter of [
  { age: { $in: [20, 30] } },
  { age: { $nin: [20, 30] } },
  { age: { $eq: 20 } },
  { age: { $in: ["201", "x"] } },
  { mood: { $in: ["happy", "sad"] } },
  { mood: { $nin: ["unhappy"] } },
  { $or: [{ age: { $eq: 20 } }, { age: { $eq: 30 } }] },
  { mood: { $ne: "unhappy" } },
]) {
  const listed = ages(await index.listItemsByMetadata(filter));
  const found = ages((await index.queryItems([1, 0.2], "", 10, filter)).map(({ item }) => item));
  seen[JSON.stringify(filter)] = listed === found ? found : `${found} / ${listed}`;
}
console.log("vectra 0.15.0:", seen);
const expected = ["", "20 30 40", "20", "20", "20 40", "40", "20 30", "20 40"];
if (JSON.stringify(Object.values(seen)) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
node look.js 2> errors || { cat errors; exit 1; }
