#!/usr/bin/env bash
# transformers.js 4.3.2 (@huggingface/transformers) fuses no segments of a panoptic segmentation, neither without being asked, which it says, nor when it is asked.
#
# post_process_panoptic_segmentation has Python's arguments; label_ids_to_fuse names the classes of which all parts are one segment: sky, wall, hair, background. Without it there is a
# warning, "No instance will be fused". A guess: with it they are. The argument goes through to the end and is not read; there is no warning then. So each part of a
# background is an object of its own, and who counts segments, or takes "the" segment of a class for cutting out a person, has one piece of several.
# Seen, two masks of class 0 side by side and one of class 1, fuse = {0}: ids 1 2 3 (Python: 1 1 2), segments 0 0 1
# Way out: give all segments of the class the first one's id afterwards.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @huggingface/transformers@4.3.2 >/dev/null

cat >run.mjs <<'JS'
import { DetrImageProcessor, Tensor } from "@huggingface/transformers";

const warnings = [];
console.warn = (text) => warnings.push(text);
const processor = new DetrImageProcessor({ size: { width: 8, height: 8 } });
// Three masks of 1 x 3 pixels, each of one pixel; classes 0, 0 and 1, and the last column for "nothing".
const outputs = () => ({
  logits: new Tensor("float32", [9, 0, 0, 9, 0, 0, 0, 9, 0], [1, 3, 3]),
  pred_masks: new Tensor("float32", [9, -9, -9, -9, 9, -9, -9, -9, 9], [1, 3, 1, 3]),
});
function look(fuse) {
  warnings.length = 0;
  const [{ segmentation, segments_info: segments }] = processor.post_process_panoptic_segmentation(outputs(), 0.5, 0.5, 0.8, fuse);
  return `${[...segmentation.data].join(" ")}, classes ${segments.map(({ label_id }) => label_id).join(" ")}, warned ${warnings.some((text) => text.includes("fuse"))}`;
}
const seen = { without: look(null), "with class 0": look(new Set([0])) };
console.log(seen);
const expected = { without: "1 2 3, classes 0 0 1, warned true", "with class 0": "1 2 3, classes 0 0 1, warned false" };
const isAsSeen = JSON.stringify(seen) === JSON.stringify(expected);
if (!isAsSeen) console.log("this has changed");
process.exit(isAsSeen ? 0 : 1);
JS
node run.mjs
