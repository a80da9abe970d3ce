#!/usr/bin/env bash
# transformers.js 4.3.2 (@huggingface/transformers, Node, onnxruntime-node 1.30.0), pipeline "image-classification":
# "problem_type": "multi_label_classification" in config.json changes nothing. The pipeline takes a softmax over all labels, so several
# labels that all hold share one probability. The pipeline "text-classification" of the same package heeds the field and gives
# each label its sigmoid, as Python's transformers does for pictures.
#
# The network here gives the means of red, green and blue as logits; the picture is yellow, so they are 1, 1, 0.
# Seen:    red 0.4223, green 0.4223, blue 0.1554 (their sum is 1)
# Sigmoid: red 0.7311, green 0.7311, blue 0.5000
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @huggingface/transformers@4.3.2 >/dev/null

cat >run.mjs <<'JS'
import { mkdirSync, writeFileSync } from "node:fs";
import { env, pipeline, RawImage } from "@huggingface/transformers";

// A protocol buffer: numbers and texts by the number of their field.
const varint = (value) => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)]);
const number = (field, value) => [...varint(field << 3), ...varint(value)];
const bytes = (field, content) => [...varint((field << 3) | 2), ...varint(content.length), ...content];
const text = (field, value) => bytes(field, [...new TextEncoder().encode(value)]);
const value = (field, name, sizes) => {
  const dimensions = sizes.flatMap((size) => bytes(1, typeof size === "number" ? number(1, size) : text(2, size)));
  return bytes(field, [...text(1, name), ...bytes(2, bytes(1, [...number(1, 1), ...bytes(2, dimensions)]))]);
};
const node = (op, input, output) => bytes(1, [...text(1, input), ...text(2, output), ...text(4, op)]);
const graph = [
  ...node("GlobalAveragePool", "pixel_values", "means"),
  ...node("Flatten", "means", "logits"),
  ...text(2, "g"),
  ...value(11, "pixel_values", ["N", 3, 4, 4]),
  ...value(12, "logits", ["N", 3]),
];
const model = [...number(1, 8), ...bytes(7, graph), ...bytes(8, number(2, 17))];

mkdirSync("tags/onnx", { recursive: true });
writeFileSync("tags/onnx/model.onnx", Uint8Array.from(model));
const labels = { 0: "red", 1: "green", 2: "blue" };
writeFileSync("tags/config.json", JSON.stringify({ model_type: "vit", problem_type: "multi_label_classification", id2label: labels }));
const preprocessor = { do_resize: false, do_rescale: true, do_normalize: true, image_mean: [0, 0, 0], image_std: [1, 1, 1] };
writeFileSync("tags/preprocessor_config.json", JSON.stringify({ image_processor_type: "ViTImageProcessor", ...preprocessor }));

env.allowRemoteModels = false;
const classify = await pipeline("image-classification", `${process.cwd()}/tags`, { dtype: "fp32" });
const yellow = new RawImage(Uint8ClampedArray.from({ length: 48 }, (_, index) => (index % 3 === 2 ? 0 : 255)), 4, 4, 3);
const answers = await classify(yellow, { top_k: 3 });
const scores = Object.fromEntries(answers.map(({ label, score }) => [label, score]));
console.log(scores);
const near = (a, b) => Math.abs(a - b) < 1e-3;
process.exit(near(scores.red, 0.4223) && near(scores.green, 0.4223) && near(scores.blue, 0.1554) ? 0 : 1);
JS
node run.mjs
