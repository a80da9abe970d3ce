import type { Tensor } from "../../src/core/index.ts";
import { attribute, createGraphBuilder, type Graph, type GraphBuilder } from "../../src/graph/index.ts";
import { optimizeGraph } from "../../src/graph/optimize/index.ts";
import { createWeightedLayers } from "./layers.ts";

/**
 * The SSD MobileNet V1 face detector whose weights face-api carries. Only weights come from there; the network is built here
 * from the papers: MobileNet (Howard et al., 2017) with thirteen separable convolutions, and SSD (Liu et al., 2016) with six maps of
 * predictions, in the arrangement of the TensorFlow Object Detection API.
 *
 * Input `[N, 3, height, width]`; outputs `boxes` `[N, priors, 4]` and `scores` `[N, priors, 3]` (logits), finest map first.
 */
export function buildSsd(weights: ReadonlyMap<string, Tensor>): Graph {
  const builder = createGraphBuilder("ssd-mobilenet-v1");
  const layers = createLayers(builder, weights);
  let value = layers.convolution(builder.input("picture", ["N", 3, "height", "width"]), "MobilenetV1/Conv2d_0_pointwise", 2);
  const maps: string[] = [];
  for (let block = 1; block <= 13; block++) {
    value = layers.depthwise(value, `MobilenetV1/Conv2d_${block}_depthwise`, halvingBlocks.includes(block) ? 2 : 1);
    value = layers.convolution(value, `MobilenetV1/Conv2d_${block}_pointwise`, 1);
    if (block === 11 || block === 13) maps.push(value);
  }
  for (let layer = 0; layer < 8; layer++) {
    const isHalving = layer % 2 === 1;
    value = layers.convolution(value, `Prediction/Conv2d_${layer}_pointwise`, isHalving ? 2 : 1);
    if (isHalving) maps.push(value);
  }
  const predictions = (kind: "BoxEncoding" | "Class", columns: number): string =>
    builder.op(
      "Concat",
      maps.map((map, level) => layers.prediction(map, `Prediction/BoxPredictor_${level}/${kind}Predictor`, columns)),
      { axis: attribute.int(1) },
    );
  builder.output(predictions("BoxEncoding", 4), ["N", "priors", 4], { name: "boxes" });
  builder.output(predictions("Class", 3), ["N", "priors", 3], { name: "scores" });
  return optimizeGraph(builder.build());
}

const halvingBlocks: readonly number[] = [2, 4, 6, 12];
/** What the network was trained with; its float32 value. */
const normalizationEpsilon = 0.0010000000474974513;

interface Layers {
  readonly convolution: (input: string, name: string, stride: number) => string;
  readonly depthwise: (input: string, name: string, stride: number) => string;
  /** `[N, cells * priors, columns]`, row by row. */
  readonly prediction: (input: string, name: string, columns: number) => string;
}

function createLayers(builder: GraphBuilder, weights: ReadonlyMap<string, Tensor>): Layers {
  const { floats, convolve, convolveChannels, channels } = createWeightedLayers(builder, weights);
  const limited = (input: string): string => builder.op("Clip", [input, builder.scalar(0), builder.scalar(6)]);
  return {
    convolution: (input, name, stride) => {
      const offset = channels(floats(`${name}/convolution_bn_offset`).data, `${name}/offset`);
      return limited(builder.op("Add", [convolve(input, `${name}/weights`, stride), offset]));
    },
    depthwise: (input, name, stride) => {
      const [gamma, beta, mean, variance] = ["gamma", "beta", "moving_mean", "moving_variance"].map(
        (each) => floats(`${name}/BatchNorm/${each}`).data,
      );
      const factors = gamma!.map((value, index) => value / Math.sqrt(variance![index]! + normalizationEpsilon));
      const shifts = beta!.map((value, index) => value - mean![index]! * factors[index]!);
      const convolved = convolveChannels(input, `${name}/depthwise_weights`, stride);
      const scaled = builder.op("Mul", [convolved, channels(factors, `${name}/factors`)]);
      return limited(builder.op("Add", [scaled, channels(shifts, `${name}/shifts`)]));
    },
    prediction: (input, name, columns) => {
      const bias = channels(floats(`${name}/biases`).data, `${name}/bias`);
      const biased = builder.op("Add", [convolve(input, `${name}/weights`, 1), bias]);
      const rows = builder.op("Transpose", [biased], { perm: attribute.ints([0, 2, 3, 1]) });
      return builder.op("Reshape", [rows, builder.integers([0, -1, columns])]);
    },
  };
}
