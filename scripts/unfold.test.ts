import { expect, test } from "vitest";
import { float32Tensor } from "../src/core/index.ts";
import { foldBatchNorm } from "../src/train/network/folding.ts";
import { unfoldConvolution } from "./unfold.ts";

const weight = float32Tensor([2, 1, 1, 3], Float32Array.of(0.5, -1, 2, 0.25, 3, -0.75));
const bias = float32Tensor([2], Float32Array.of(0.1, -4));

test("a convolution with a norm behind it folds into what it was unfolded from", () => {
  const parts = unfoldConvolution({ name: "backbone.4.body.0.weight", weight, bias });
  const part = (name: string) => parts.get(`backbone.4.body.1.${name}`)!;
  const norm = { scale: part("scale"), bias: part("bias"), mean: part("mean"), variance: part("variance"), epsilon: 1e-5 };
  const folded = foldBatchNorm({ weight: parts.get("backbone.4.body.0.weight")!, bias: undefined }, norm);
  for (const [index, value] of folded.weight.data.entries()) expect(value).toBeCloseTo(weight.data[index]!, 5);
  for (const [index, value] of folded.bias.data.entries()) expect(value).toBeCloseTo(bias.data[index]!, 6);
});

test("its filters have the spread of new ones, and one without a bias stays as it is", () => {
  const filters = unfoldConvolution({ name: "backbone.0.weight", weight, bias }).get("backbone.0.weight")!;
  const spread = Math.sqrt(filters.data.reduce((sum, value) => sum + value * value, 0) / filters.data.length);
  expect(spread).toBeCloseTo(Math.sqrt(2 / 3), 5);
  expect([...unfoldConvolution({ name: "backbone.7.shortcut.1.weight", weight, bias: undefined })]).toEqual([
    ["backbone.7.shortcut.1.weight", weight],
  ]);
});
