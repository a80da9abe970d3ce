#!/usr/bin/env bash
# transformers.js 4.3.2 (@huggingface/transformers): a detector of faces alone, of the RT-DETR kind, finds no face, whatever the network says.
#
# RT-DETR, its second version and D-FINE give each box a score for each class, by itself (a sigmoid), and have no class "nothing"; Python's RTDetrImageProcessor reads them so. DETR and YOLOS
# have "nothing" as their last class (a softmax). A guess: RTDetrImageProcessor of this package reads its models' scores as Python's does. It reads them as DETR's: the last class
# is dropped as "nothing", and the others are made to sum to 1. Of 80 classes the last one is missing and the rest look plausible. With one class nothing is
# ever found; with two the second is never found, and a box that has neither is certain to be the first, if that is the less unlikely one.
# Seen, one box each, threshold 0.5 (what Python gives, by a sigmoid):
#   RT-DETR, one class, score 5:      nothing (class 0, 0.993)
#   RT-DETR, two classes, -5 5:       nothing (class 1, 0.993)
#   RT-DETR, two classes, -3 -6:      class 0, 0.953 (nothing: 0.047 and 0.002)
# And of DETR, whose thresholds below a half are for finding more: a box is dropped where "nothing" is likeliest, though another class passes the threshold.
#   DETR, face 0.45, nothing 0.55, threshold 0.3: nothing (face, 0.45)
# Way out: read the model's `logits` and `pred_boxes` oneself.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @huggingface/transformers@4.3.2 >/dev/null

cat >run.mjs <<'JS'
import { DetrImageProcessor, RTDetrImageProcessor, Tensor } from "@huggingface/transformers";

const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const text = (list) => list.map(([label, score]) => `class ${label}, ${score.toFixed(3)}`).join("; ") || "nothing";
function look(Processor, scores, threshold) {
  const outputs = { logits: new Tensor("float32", scores, [1, 1, scores.length]), pred_boxes: new Tensor("float32", [0.5, 0.5, 0.2, 0.2], [1, 1, 4]) };
  const [{ classes, scores: found }] = new Processor({ size: { width: 8, height: 8 } }).post_process_object_detection(outputs, threshold, [[100, 100]]);
  return text(classes.map((label, i) => [label, found[i]]));
}
const seen = [];
for (const scores of [[5], [-5, 5], [-3, -6]]) {
  const right = text(scores.map((x, label) => [label, sigmoid(x)]).filter(([, score]) => score > 0.5));
  seen.push(`RT-DETR ${scores}: ${look(RTDetrImageProcessor, scores, 0.5)} (${right})`);
}
seen.push(`DETR 0.45 and 0.55 for nothing: ${look(DetrImageProcessor, [Math.log(0.45), Math.log(0.55)], 0.3)}`);
seen.push(`DETR 0.55 and 0.45 for nothing: ${look(DetrImageProcessor, [Math.log(0.55), Math.log(0.45)], 0.3)}`);
console.log(seen.join("\n"));
const expected = [
  "RT-DETR 5: nothing (class 0, 0.993)",
  "RT-DETR -5,5: nothing (class 1, 0.993)",
  "RT-DETR -3,-6: class 0, 0.953 (nothing)",
  "DETR 0.45 and 0.55 for nothing: nothing",
  "DETR 0.55 and 0.45 for nothing: class 0, 0.550",
];
const isAsSeen = String(seen) === String(expected);
if (!isAsSeen) console.log("this has changed");
process.exit(isAsSeen ? 0 : 1);
JS
node run.mjs
