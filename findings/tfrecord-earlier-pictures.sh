#!/usr/bin/env bash
# tfrecord overwrites the pictures of examples that it has read already: kept in a list, all of them show the last one, beside their own labels.
#
# npm tfrecord 0.2.0, beside @roboflow/tfrecords 1.0.4, Node 24. readExample gives one tf.train.Example after the other. A guess: an example that was read is the caller's, as labels and
# scores are. Every record is read into the same memory, and what a feature of bytes holds (a picture) is a view of that, so that the next readExample changes it. Numbers are
# copied. The source says of readRecord, one level below, that its bytes last until the next call; of readExample it says nothing, and its documentation collects nothing. Checksums are right, as they were
# looked at before. A set that is loaded into memory, shuffled or put in batches has one picture for all labels of equally long records; of records of different
# lengths it has pieces of several, as long as the memory need not grow, and whoever writes each example away before the next sees nothing.
# Seen, four examples of a label, a number and 8 bytes (1, 2, 3, 4 each), all read, then looked at:
#   tfrecord:             0 0.5 44444444   1 1.5 44444444   2 2.5 44444444   3 3.5 44444444
#   @roboflow/tfrecords:  0 0.5 11111111   1 1.5 22222222   2 2.5 33333333   3 3.5 44444444
#   tfrecord, bytes copied before the next is read: right
# (Of the other package only toArray reads: getFeature and getArrayFeature, which its documentation names, fail with every file, as they look into a private field of google-protobuf, "^3.6.1", that
# 3.21.4 calls otherwise.)
# Way out: feature.bytesList.value.map((bytes) => bytes.slice()) at once.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts tfrecord@0.2.0 @roboflow/tfrecords@1.0.4 google-protobuf@3.21.4
cat > look.js <<'JS'
const { readFileSync } = require("node:fs");
const tfrecord = require("tfrecord");
const { TFRecordsReader } = require("@roboflow/tfrecords/src/tensorFlowReader.js");
const { FeatureType } = require("@roboflow/tfrecords/src/tensorFlowBuilder.js");
const line = (label, score, bytes) => `${label} ${score} ${Array.from(bytes).join("")}`;
async function read(isCopied) {
  const reader = await tfrecord.createReader("pictures.tfrecord");
  const examples = [];
  for (let example; (example = await reader.readExample()); ) {
    const { value } = example.features.feature.image.bytesList;
    if (isCopied) value[0] = Uint8Array.from(value[0]);
    examples.push(example);
  }
  return examples.map(({ features: { feature } }) => line(feature.label.int64List.value[0], feature.score.floatList.value[0], feature.image.bytesList.value[0]));
}
(async () => {
  const writer = await tfrecord.createWriter("pictures.tfrecord");
  for (let i = 0; i < 4; i++) {
    const builder = tfrecord.createBuilder();
    builder.setInteger("label", i);
    builder.setFloat("score", i + 0.5);
    builder.setBinary("image", new Uint8Array(8).fill(i + 1));
    await writer.writeExample(builder.releaseExample());
  }
  await writer.close();
  const other = new TFRecordsReader(readFileSync("pictures.tfrecord"));
  const seen = {
    tfrecord: await read(false),
    copied: await read(true),
    roboflow: other.toArray().map(({ context }) => {
      const { label, score, image } = Object.fromEntries(context.featureMap);
      return line(label.int64List.valueList[0], score.floatList.valueList[0], Buffer.from(image.bytesList.valueList[0], "base64"));
    }),
    byName: "",
  };
  try {
    seen.byName = String(other.getFeature(1, "label", FeatureType.Int64));
  } catch (error) {
    seen.byName = error.name;
  }
  console.log(`tfrecord ${require("tfrecord/package.json").version}`, seen);
  const right = [0, 1, 2, 3].map((i) => line(i, i + 0.5, new Array(8).fill(i + 1)));
  const expected = { tfrecord: [0, 1, 2, 3].map((i) => line(i, i + 0.5, new Array(8).fill(4))), copied: right, roboflow: right, byName: "TypeError" };
  if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
})();
JS
node look.js 2> errors || { cat errors; exit 1; }
