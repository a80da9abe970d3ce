import { type Float32Tensor, float32Tensor } from "../../core/index.ts";

/** What a batch norm does at inference: `scale (x - mean) / sqrt(variance + epsilon) + bias`, a channel. */
export interface InferenceNorm {
  readonly scale: Float32Tensor;
  readonly bias: Float32Tensor;
  readonly mean: Float32Tensor;
  readonly variance: Float32Tensor;
  readonly epsilon: number;
}

/** The weights and bias of one convolution that computes a convolution and the batch norm behind it. */
export function foldBatchNorm(
  conv: { readonly weight: Float32Tensor; readonly bias: Float32Tensor | undefined },
  norm: InferenceNorm,
): { readonly weight: Float32Tensor; readonly bias: Float32Tensor } {
  const channels = norm.scale.data.length;
  const size = conv.weight.data.length / channels;
  const weight = float32Tensor(conv.weight.shape);
  const bias = float32Tensor([channels]);
  for (let channel = 0; channel < channels; channel++) {
    const factor = norm.scale.data[channel]! / Math.sqrt(norm.variance.data[channel]! + norm.epsilon);
    for (let index = channel * size; index < (channel + 1) * size; index++) weight.data[index] = conv.weight.data[index]! * factor;
    bias.data[channel] = ((conv.bias?.data[channel] ?? 0) - norm.mean.data[channel]!) * factor + norm.bias.data[channel]!;
  }
  return { weight, bias };
}
