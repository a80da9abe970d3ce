import { elementCount, type Float32Tensor, float32Tensor } from "../src/core/index.ts";

/** Names of a convolution that its graph holds. */
export interface FoldedConvolution {
  /** `backbone.4.body.0.weight`: layer 0 of `backbone.4.body`. */
  readonly name: string;
  readonly weight: Float32Tensor;
  /** Of a convolution with a norm folded into it. */
  readonly bias: Float32Tensor | undefined;
}

/**
 * The weights of a convolution and of the norm behind it that gives the bias and changes nothing else, by their names in a training. The filters are
 * brought to the spread that new ones have (He et al., 2015), and the norm takes the factor back, so that a learning rate means the same as
 * with random weights.
 */
export function unfoldConvolution({ name, weight, bias }: FoldedConvolution): ReadonlyMap<string, Float32Tensor> {
  if (bias === undefined) return new Map([[name, weight]]);
  const match = /^(?<layer>.+)\.(?<index>\d+)\.weight$/.exec(name);
  if (match?.groups === undefined) throw new Error(`"${name}" is no layer's weight`);
  const factor = spreadFactor(weight);
  const norm = `${match.groups["layer"]}.${Number(match.groups["index"]) + 1}`;
  const vector = (data: Float32Array): Float32Tensor => float32Tensor([data.length], data);
  return new Map([
    [
      name,
      float32Tensor(
        weight.shape,
        weight.data.map((value) => value * factor),
      ),
    ],
    [`${norm}.scale`, vector(bias.data.map(() => 1 / factor))],
    [`${norm}.bias`, vector(bias.data)],
    [`${norm}.mean`, vector(bias.data.map(() => 0))],
    // With the norm's epsilon it is 1: no change.
    [`${norm}.variance`, vector(bias.data.map(() => 1 - 1e-5))],
  ]);
}

function spreadFactor({ shape, data }: Float32Tensor): number {
  const spread = Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length);
  return Math.sqrt(2 / elementCount(shape.slice(1))) / spread;
}
