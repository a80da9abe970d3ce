#!/usr/bin/env bash
# transformers.js 4.3.2 (@huggingface/transformers, Node): a `size` that is a number in preprocessor_config.json means something else than in Python.
#
# Configurations of CLIP, ViT and DeiT from before 2023, and what was tuned from them since, say "size": 224. Python's transformers turns that into a shortest
# edge of 224 for CLIP, and into 224 x 224 for ViT and DeiT. A guess: here too, the source says of it "a square". Seen: the number counts as shortest
# and as longest edge, so a picture is made to fit inside. CLIP's crop then fills up with black, without an error; ViT's picture is no square at all, and so
# the network refuses it, or answers of fewer patches; DeiT's crop fails. Pictures that are square are right, as test pictures and cut faces often are, and
# models whose configuration was written anew ("size": { "shortest_edge": 224 }) are right too.
# Seen, of a white picture of 400 x 200:
#   CLIPFeatureExtractor, size 224, crop_size 224: [1,3,224,224], half of it black      with { "shortest_edge": 224 }: none
#   ViTFeatureExtractor, size 224:                 [1,3,112,224]                        with { "height": 224, "width": 224 }: [1,3,224,224]
#   DeiTFeatureExtractor, size 256, crop_size 224: error, extract_area: bad extract area  with { "height": 256, "width": 256 }: [1,3,224,224]
# of 300 x 300: CLIP none black, ViT and DeiT [1,3,224,224].
# (The crop fails by itself where one side of the picture is longer than it and the other one shorter.)
# Way out: write the size as an object into preprocessor_config.json; or make pictures square before.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @huggingface/transformers@4.3.2 >/dev/null

cat >run.mjs <<'JS'
import { mkdirSync, writeFileSync } from "node:fs";
import { AutoImageProcessor, env, RawImage } from "@huggingface/transformers";

env.allowRemoteModels = false;
env.localModelPath = "./";
let made = 0;
async function look(type, sizes, [width, height]) {
  const name = `model${made++}`;
  mkdirSync(name);
  const steps = { do_resize: true, do_rescale: true, do_normalize: false, resample: 3, do_center_crop: sizes.crop_size !== undefined };
  writeFileSync(`${name}/preprocessor_config.json`, JSON.stringify({ feature_extractor_type: type, ...steps, ...sizes }));
  const processor = await AutoImageProcessor.from_pretrained(name);
  const white = new RawImage(new Uint8ClampedArray(width * height * 3).fill(255), width, height, 3);
  try {
    const { pixel_values: values } = await processor(white);
    const black = values.data.filter((value) => value < 0.5).length / values.data.length;
    return `[${values.dims}], black ${black}`;
  } catch (error) {
    return error.message;
  }
}
const [wide, square] = [[400, 200], [300, 300]];
const whole = "[1,3,224,224], black 0";
const cases = [
  ["CLIPFeatureExtractor", { size: 224, crop_size: 224 }, wide, "[1,3,224,224], black 0.5"],
  ["CLIPFeatureExtractor", { size: { shortest_edge: 224 }, crop_size: 224 }, wide, whole],
  ["CLIPFeatureExtractor", { size: 224, crop_size: 224 }, square, whole],
  ["ViTFeatureExtractor", { size: 224 }, wide, "[1,3,112,224], black 0"],
  ["ViTFeatureExtractor", { size: { height: 224, width: 224 } }, wide, whole],
  ["ViTFeatureExtractor", { size: 224 }, square, whole],
  ["DeiTFeatureExtractor", { size: 256, crop_size: 224 }, wide, "extract_area: bad extract area"],
  ["DeiTFeatureExtractor", { size: { height: 256, width: 256 }, crop_size: 224 }, wide, whole],
  ["DeiTFeatureExtractor", { size: 256, crop_size: 224 }, square, whole],
];
let isAsSeen = true;
for (const [type, sizes, picture, expected] of cases) {
  const seen = await look(type, sizes, picture);
  console.log(`${type} ${JSON.stringify(sizes)} of ${picture.join(" x ")}: ${seen}`);
  isAsSeen &&= seen === expected;
}
if (!isAsSeen) console.log("this has changed");
process.exit(isAsSeen ? 0 : 1);
JS
node run.mjs
