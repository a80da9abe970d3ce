import { type Tensor, TensorFaceError } from "../../src/core/index.ts";
import { attribute, type GraphBuilder } from "../../src/graph/index.ts";

/** Layers of networks of which only TensorFlow's weights are at hand, by the names of the weights. Values are `[N, channels, height, width]`. */
export interface WeightedLayers {
  /** The numbers of a weight. @throws {TF_GRAPH_INVALID} when there is no such float32 tensor */
  readonly floats: (name: string) => FloatWeight;
  /** A convolution without bias, padded as TensorFlow's "same"; filters `[height, width, inputs, outputs]`. */
  readonly convolve: (input: string, name: string, stride: number) => string;
  /** The same for each channel by itself; filters `[height, width, channels, 1]`. */
  readonly convolveChannels: (input: string, name: string, stride: number) => string;
  /** One number for each channel, to be added or multiplied. */
  readonly channels: (data: Float32Array, name: string) => string;
}

interface FloatWeight {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export function createWeightedLayers(builder: GraphBuilder, weights: ReadonlyMap<string, Tensor>): WeightedLayers {
  const floats = (name: string): FloatWeight => {
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
  const convolve = (input: string, name: string, stride: number, isDepthwise: boolean): string => {
    const { value, size, outputs } = filter(name, isDepthwise);
    return builder.op("Conv", [input, value], {
      kernel_shape: attribute.ints([size, size]),
      strides: attribute.ints([stride, stride]),
      group: attribute.int(isDepthwise ? outputs : 1),
      // As TensorFlow pads: it depends on the size of the picture, which may be free.
      ...(size === 1 && stride === 1 ? {} : { auto_pad: attribute.string("SAME_UPPER") }),
    });
  };
  return {
    floats,
    convolve: (input, name, stride) => convolve(input, name, stride, false),
    convolveChannels: (input, name, stride) => convolve(input, name, stride, true),
    channels: (data, name) => builder.constant({ type: "float32", shape: [data.length, 1, 1], data }, name),
  };
}
