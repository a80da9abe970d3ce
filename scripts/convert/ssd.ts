import { type Tensor, TensorFaceError } from "../../src/core/index.ts";
import { attribute, createGraphBuilder, type Graph, type GraphBuilder } from "../../src/graph/index.ts";
import { optimizeGraph } from "../../src/graph/optimize/index.ts";

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
  const floats = (name: string): { readonly shape: readonly number[]; readonly data: Float32Array } => {
    const tensor = weights.get(name);
    if (tensor?.type === "float32") return tensor;
    throw new TensorFaceError("TF_GRAPH_INVALID", `the weights have no float32 tensor "${name}"`);
  };
  /** Filters `[height, width, a, b]` with the axes `b a height width` (or `a b height width` for depthwise ones). */
  const filter = (name: string, isDepthwise: boolean): { readonly value: string; readonly size: number; readonly outputs: number } => {
    const { shape, data } = floats(name);
    const [height = 0, width = 0, a = 0, b = 0] = shape;
    const [outer, inner] = isDepthwise ? [a, b] : [b, a];
    const turned = new Float32Array(data.length);
    let at = 0;
    for (let i = 0; i < outer; i++) {
      for (let j = 0; j < inner; j++) {
        for (let cell = 0; cell < height * width; cell++) {
          turned[at++] = data[isDepthwise ? (cell * a + i) * b + j : (cell * a + j) * b + i]!;
        }
      }
    }
    const value = builder.constant({ type: "float32", shape: [outer, inner, height, width], data: turned }, name);
    return { value, size: height, outputs: outer };
  };
  const channels = (data: Float32Array, name: string): string =>
    builder.constant({ type: "float32", shape: [data.length, 1, 1], data }, name);
  const convolve = (input: string, name: string, stride: number, isDepthwise = false): string => {
    const { value, size, outputs } = filter(`${name}/${isDepthwise ? "depthwise_weights" : "weights"}`, isDepthwise);
    return builder.op("Conv", [input, value], {
      kernel_shape: attribute.ints([size, size]),
      strides: attribute.ints([stride, stride]),
      group: attribute.int(isDepthwise ? outputs : 1),
      // As TensorFlow pads: it depends on the size of the picture, which is free.
      ...(size === 1 && stride === 1 ? {} : { auto_pad: attribute.string("SAME_UPPER") }),
    });
  };
  const limited = (input: string): string => builder.op("Clip", [input, builder.scalar(0), builder.scalar(6)]);
  return {
    convolution: (input, name, stride) => {
      const offset = channels(floats(`${name}/convolution_bn_offset`).data, `${name}/offset`);
      return limited(builder.op("Add", [convolve(input, name, stride), offset]));
    },
    depthwise: (input, name, stride) => {
      const [gamma, beta, mean, variance] = ["gamma", "beta", "moving_mean", "moving_variance"].map(
        (each) => floats(`${name}/BatchNorm/${each}`).data,
      );
      const factors = gamma!.map((value, index) => value / Math.sqrt(variance![index]! + normalizationEpsilon));
      const shifts = beta!.map((value, index) => value - mean![index]! * factors[index]!);
      const scaled = builder.op("Mul", [convolve(input, name, stride, true), channels(factors, `${name}/factors`)]);
      return limited(builder.op("Add", [scaled, channels(shifts, `${name}/shifts`)]));
    },
    prediction: (input, name, columns) => {
      const biased = builder.op("Add", [convolve(input, name, 1), channels(floats(`${name}/biases`).data, `${name}/bias`)]);
      const rows = builder.op("Transpose", [biased], { perm: attribute.ints([0, 2, 3, 1]) });
      return builder.op("Reshape", [rows, builder.integers([0, -1, columns])]);
    },
  };
}
