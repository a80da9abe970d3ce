#!/usr/bin/env bash
# transformers.js 4.3.2 (@huggingface/transformers): squeeze(-1) takes no axis away, numbers made true or false are bytes, and a text without tokens has NaN for its mean.
#
# The package's Tensor has PyTorch's methods, and unsqueeze, slice, view, cat and softmax count axes from the end as PyTorch does. A guess: squeeze does too. An axis below 0 is looked up as it is, not found, and nothing happens,
# without an error: [N, 1] logits stay so, and what compares shapes or broadcasts by hand afterwards goes wrong. `to("bool")` keeps a byte of each number instead of asking whether it is 0; `round` rounds halves up.
# mean_pooling, which is what "feature-extraction" does with sentences, divides by the sum of the mask; Python's own example of it bounds that sum from below, so that a row of padding alone is 0; here it is NaN, and so is each
# similarity with it.
# Seen (PyTorch):
#   squeeze(-1) of [1, 2, 1]: [1, 2, 1] ([1, 2])      squeeze(2): [1, 2]      unsqueeze(-1) of [2, 3]: [2, 3, 1]
#   to("bool") of 0.3 0 2 -1 256: 0 0 2 255 0 (1 0 1 1 1)      round of 0.5 1.5 2.5: 1 2 3 (0 2 2)
#   mean_pooling of two tokens, mask 0 0: NaN NaN (0 0)      mask 1 0: the first token
# Way out: axes from the front; x.gt(0) or a loop for masks; leave empty texts out.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts @huggingface/transformers@4.3.2
cat > look.js <<'JS'
import { mean_pooling, Tensor } from "@huggingface/transformers";
const floats = (dims, ...list) => new Tensor("float32", Float32Array.from(list), dims);
const mask = (...list) => new Tensor("int64", BigInt64Array.from(list.map(BigInt)), [1, 2]);
const show = ({ data }) => Array.from(data, Number).join(" ");
const tokens = floats([1, 2, 2], 1, 2, 3, 4);
const seen = {
  "squeeze(-1)": floats([1, 2, 1], 1, 2).squeeze(-1).dims.join(),
  "squeeze(2)": floats([1, 2, 1], 1, 2).squeeze(2).dims.join(),
  "unsqueeze(-1)": floats([2, 3], 1, 2, 3, 4, 5, 6).unsqueeze(-1).dims.join(),
  bool: show(floats([5], 0.3, 0, 2, -1, 256).to("bool")),
  gt: show(floats([5], 0.3, 0, 2, -1, 256).gt(0)),
  round: show(floats([3], 0.5, 1.5, 2.5).round()),
  none: show(mean_pooling(tokens, mask(0, 0))),
  one: show(mean_pooling(tokens, mask(1, 0))),
};
console.log(seen);
const expected = { "squeeze(-1)": "1,2,1", "squeeze(2)": "1,2", "unsqueeze(-1)": "2,3,1", bool: "0 0 2 255 0", gt: "1 0 1 0 1", round: "1 2 3", none: "NaN NaN", one: "1 2" };
if (JSON.stringify(seen) !== JSON.stringify(expected)) throw new Error("this has changed");
JS
ONNXRUNTIME_NODE_INSTALL=skip node look.js 2> errors || { cat errors; exit 1; }
