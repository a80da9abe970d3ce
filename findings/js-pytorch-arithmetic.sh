#!/usr/bin/env bash
# js-pytorch: the gradient of a cube is that of a square, Adam's first step is 3.2 times the learning rate, ReLU lets negative numbers through, and softmax of 1000 is NaN.
#
# npm js-pytorch 0.7.2, Node 24. It has PyTorch's names for tensors, layers and optimisers. A guess: the same numbers. Tests of such packages see a loss fall, which it does with wrong gradients and steps too. Compared here
# with finite differences, and with Adam (Kingma and Ba, 2015) written out. Seen (right):
#   pow(x, 3) of 1 2 3: gradient 2 4 6 (3 12 27); of x^2 it is right
#   softmax of the rows 1 2, 3 4, times 1 2, 3 5: gradient -0.197 1.021 -2.633 0.393 (-0.197 0.197 -0.393 0.393); of one or three rows it is right, in a batch of as many rows as classes it is not
#   mean of the same rows, times 2 and 3: gradient 1 1.5 1 1.5 (1 1 1.5 1.5); of three rows right
#   Adam, rate 0.1, betas 0.9 and 0.999, (w - 3)^2 from 0: w = 0.316 0.739 1.226 (0.1 0.2 0.3); with 0.99 0.1 0.235 0.391: the root is taken before the bias is corrected
#   ReLU(-1000): -1 (0); it is a leaky one of 0.001      softmax(1000 0): NaN 0 (1 0)      cross entropy of 1000 0 0, class 1: Infinity (1000)
#   variance of each column of 1 2, 3 4: NaN (1 1)
# Multiplication, division, exp, log, sqrt, matmul, transpose, layer norm and both losses have right gradients.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
printf '{"name":"finding","private":true}' > package.json
npm install --silent --no-audit --no-fund --ignore-scripts js-pytorch@0.7.2
cat > look.js <<'JS'
const { torch } = require("js-pytorch");
const { nn, optim } = torch;
const flat = (data) => (Array.isArray(data) ? data.flat(9) : [data]);
const show = (numbers) => flat(numbers).map((n) => Number(n.toFixed(3))).join(" ");
// the gradient of the sum of f(x), as it says and by differences
function gradient(f, rows) {
  const x = torch.tensor(rows, true);
  let sum = f(x);
  while (sum.shape.some((size) => size > 1)) sum = sum.sum(-1);
  sum.backward();
  const width = rows[0].length;
  const total = (numbers) => flat(f(torch.tensor(Array.from({ length: rows.length }, (_, i) => numbers.slice(i * width, (i + 1) * width)))).data).reduce((a, b) => a + b, 0);
  const differences = flat(rows).map((_, i) => {
    const moved = (by) => flat(rows).map((n, j) => (i === j ? n + by : n));
    return (total(moved(1e-4)) - total(moved(-1e-4))) / 2e-4;
  });
  return `${show(x.grad)} (${show(differences)})`;
}
function adam(beta) {
  const [layer, rate] = [new nn.Linear(1, 1, false), 0.1];
  layer.W = torch.tensor([[0]], true);
  const optimiser = new optim.Adam([layer.W], rate, 0, [0.9, beta], 1e-9);
  let [m, v, w] = [0, 0, 0];
  const [said, right] = [[], []];
  for (let i = 1; i <= 3; i++) {
    const distance = torch.add(layer.W, torch.tensor([[-3]]));
    torch.mul(distance, distance).backward();
    optimiser.step();
    optimiser.zero_grad();
    const slope = 2 * (w - 3);
    m = 0.9 * m + 0.1 * slope;
    v = beta * v + (1 - beta) * slope * slope;
    w -= (rate * (m / (1 - 0.9 ** i))) / (Math.sqrt(v / (1 - beta ** i)) + 1e-9);
    said.push(flat(layer.W.data)[0]);
    right.push(w);
  }
  return `${show(said)} (${show(right)})`;
}
const weights = torch.tensor([[1, 2], [3, 5]]);
const seen = {
  cube: gradient((x) => torch.pow(x, 3), [[1, 2, 3]]),
  square: gradient((x) => torch.pow(x, 2), [[1, 2, 3]]),
  softmax: gradient((x) => torch.mul(new nn.Softmax().forward(x, -1), torch.tensor([[1, 2], [3, 5]])), [[1, 2], [3, 4]]),
  "softmax of one row": gradient((x) => torch.mul(new nn.Softmax().forward(x, -1), torch.tensor([[1, 2]])), [[1, 2]]),
  "softmax of three rows": gradient((x) => torch.mul(new nn.Softmax().forward(x, -1), torch.tensor([[1, 2], [3, 5], [1, 4]])), [[1, 2], [3, 4], [2, 2]]),
  mean: gradient((x) => torch.mul(torch.mean(x, -1), torch.tensor([[2], [3]])), [[1, 2], [3, 4]]),
  "mean of three rows": gradient((x) => torch.mul(torch.mean(x, -1), torch.tensor([[2], [3], [4]])), [[1, 2], [3, 4], [5, 6]]),
  matmul: gradient((x) => torch.mul(torch.matmul(x, weights), weights), [[1, 2], [3, 4]]),
  "Adam, 0.999": adam(0.999),
  "Adam, 0.99": adam(0.99),
  relu: show(new nn.ReLU().forward(torch.tensor([[-1000, 5]])).data),
  "softmax of 1000": show(new nn.Softmax().forward(torch.tensor([[1000, 0]]), -1).data),
  entropy: show(new nn.CrossEntropyLoss().forward(torch.tensor([[1000, 0, 0]]), torch.tensor([1])).data),
  variance: show(torch.variance(torch.tensor([[1, 2], [3, 4]]), 0).data),
};
console.log("js-pytorch", seen);
const expected = {
  cube: "2 4 6 (3 12 27)",
  square: "2 4 6 (2 4 6)",
  softmax: "-0.197 1.021 -2.633 0.393 (-0.197 0.197 -0.393 0.393)",
  "softmax of one row": "-0.197 0.197 (-0.197 0.197)",
  "softmax of three rows": "-0.197 0.197 -0.393 0.393 -0.75 0.75 (-0.197 0.197 -0.393 0.393 -0.75 0.75)",
  mean: "1 1.5 1 1.5 (1 1 1.5 1.5)",
  "Adam, 0.999": "0.316 0.739 1.226 (0.1 0.2 0.3)",
  "Adam, 0.99": "0.1 0.235 0.391 (0.1 0.2 0.3)",
  relu: "-1 5",
  "softmax of 1000": "NaN 0",
  entropy: "Infinity",
  variance: "NaN",
};
for (const [name, value] of Object.entries(expected)) if (seen[name] !== value) throw new Error(`${name} has changed`);
if (!/^(\S+ \S+ \S+ \S+) \(\1\)$/.test(seen.matmul)) throw new Error("matmul has changed");
JS
node look.js 2> errors || { cat errors; exit 1; }
