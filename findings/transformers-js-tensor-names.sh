#!/usr/bin/env bash
# transformers.js 4.3.2 (@huggingface/transformers): methods of Tensor with PyTorch's names give other numbers: norm(1), normalize, transpose, interpolate, layer_norm.
#
# The package's tensor is modelled on PyTorch's, and a model's outputs are such tensors: embeddings are normalised with it, masks enlarged. A guess: what has the
# same name and arguments computes the same. Seen (PyTorch's answer):
#   norm(1) of 3 -4: -1 (7); the signs are kept, so norm(3) is NaN (4.498)
#   normalize(1) of 3 -4: -3 4 (0.429 -0.571), of 1 -1: Infinity -Infinity (0.5 -0.5)
#   normalize() of 0 0: NaN NaN (0 0); one empty row makes every comparison with it undefined
#   transpose(0, 1) of a matrix of 2 x 3: the matrix as it was (its transpose); transpose(1, 0) is the transpose
#   interpolate 0 10 to four by "nearest": 0 2.5 7.5 10 (0 0 10 10); by "bilinear" with align_corners true: 0 2.5 7.5 10 (0 3.333 6.667 10). So a mask of classes
#     that is enlarged by "nearest" gets classes that are none of its own
#   layer_norm of 0 0.001 0.002 0.003, eps 1e-5: -1.330 ... (-0.447 ...): eps is added to the deviation instead of the variance
# No error in any of these. What agrees: norm() and norm(2), normalize() of rows that are not 0, permute, interpolate_4d with "nearest".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @huggingface/transformers@4.3.2 >/dev/null

cat >run.mjs <<'JS'
import { interpolate, interpolate_4d, layer_norm, Tensor } from "@huggingface/transformers";

const tensor = (numbers, dims) => new Tensor("float32", numbers, dims);
const text = ({ dims, data }) => `[${dims}] ${Array.from(data, (n) => Number(n.toFixed(3))).join(" ")}`;
const row = (...numbers) => tensor(numbers, [1, numbers.length]);
const matrix = tensor([1, 2, 3, 4, 5, 6], [2, 3]);
const line = tensor([0, 10], [1, 1, 2]);
const seen = {
  "norm(1)": text(row(3, -4).norm(1)),
  "norm(2)": text(row(3, -4).norm(2)),
  "norm(3)": text(row(3, -4).norm(3)),
  "normalize(1)": text(row(3, -4).normalize(1)),
  "normalize(1) of 1 -1": text(row(1, -1).normalize(1)),
  "normalize() of 0 0": text(row(0, 0).normalize()),
  "transpose(0, 1)": text(matrix.transpose(0, 1)),
  "transpose(1, 0)": text(matrix.transpose(1, 0)),
  "interpolate nearest": text(interpolate(line, [1, 4], "nearest")),
  "interpolate bilinear, align_corners": text(interpolate(line, [1, 4], "bilinear", true)),
  "interpolate_4d nearest": text(await interpolate_4d(line.unsqueeze(0), { size: [1, 4], mode: "nearest" })),
  layer_norm: text(layer_norm(row(0, 0.001, 0.002, 0.003), [4])),
};
console.log(seen);
const expected = {
  "norm(1)": "[] -1",
  "norm(2)": "[] 5",
  "norm(3)": "[] NaN",
  "normalize(1)": "[1,2] -3 4",
  "normalize(1) of 1 -1": "[1,2] Infinity -Infinity",
  "normalize() of 0 0": "[1,2] NaN NaN",
  "transpose(0, 1)": "[2,3] 1 2 3 4 5 6",
  "transpose(1, 0)": "[3,2] 1 4 2 5 3 6",
  "interpolate nearest": "[1,1,4] 0 2.5 7.5 10",
  "interpolate bilinear, align_corners": "[1,1,4] 0 2.5 7.5 10",
  "interpolate_4d nearest": "[1,1,1,4] 0 0 10 10",
  layer_norm: "[1,4] -1.33 -0.443 0.443 1.33",
};
const isAsSeen = JSON.stringify(seen) === JSON.stringify(expected);
if (!isAsSeen) console.log("this has changed");
process.exit(isAsSeen ? 0 : 1);
JS
node run.mjs
