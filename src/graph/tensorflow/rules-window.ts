import { type Tensor } from "../../core/index.ts";
import { attribute } from "../attributes.ts";
import type { Dimension } from "../model.ts";
import { applyFusedOps } from "./rules-elementwise.ts";
import {
  type ComputedValue,
  constantInput,
  emit,
  floatData,
  type Operation,
  pictureInput,
  type Rule,
  transposeConstant,
} from "./operation.ts";
import { unsupported } from "./node.ts";
import { placeWindow, spatialAttribute } from "./windows.ts";

/** Filters `[height, width, in, out]` become `[out, in, height, width]`. */
const convolutionOrder = [3, 2, 0, 1] as const;
/** Depthwise filters `[height, width, channels, multiplier]` become `[channels, multiplier, height, width]`. */
const depthwiseOrder = [2, 3, 0, 1] as const;

const convolution: Rule = (operation) => {
  const filter = constantInput(operation, 1, "the filter");
  const [height, width, , channels] = sizesOf(operation, filter);
  const shape = [channels, filter.shape[2]!, height, width];
  return convolve(operation, filter, { order: convolutionOrder, shape, groups: 1 });
};

const depthwiseConvolution: Rule = (operation) => {
  const filter = constantInput(operation, 1, "the filter");
  const [height, width, channels, multiplier] = sizesOf(operation, filter);
  return convolve(operation, filter, { order: depthwiseOrder, shape: [channels * multiplier, 1, height, width], groups: channels });
};

function sizesOf({ node }: Operation, filter: Tensor): [number, number, number, number] {
  const [height, width, channels, last] = filter.shape;
  if (height === undefined || width === undefined || channels === undefined || last === undefined) {
    throw unsupported(node, `the filter must have rank 4, got [${filter.shape.join(", ")}]`);
  }
  return [height, width, channels, last];
}

interface FilterLayout {
  readonly order: readonly number[];
  /** In ONNX's order: out, in for each group, height, width. */
  readonly shape: readonly number[];
  /** As long as it is not known how many channels the picture has. */
  readonly groups: number;
}

/** TensorFlow does not say in how many groups a picture's channels are seen: the sizes of filter and picture do. */
function groupsOf({ node }: Operation, channels: Dimension, { shape: [outputs, inputs], groups: usual }: FilterLayout): number {
  if (typeof channels !== "number") return usual;
  const groups = channels / inputs!;
  if (Number.isInteger(groups) && outputs! % groups === 0) return groups;
  throw unsupported(node, `a filter of ${inputs} to ${outputs} channels does not fit a picture of ${channels}`);
}

function convolve(operation: Operation, filter: Tensor, layout: FilterLayout): ComputedValue {
  const { order, shape } = layout;
  const { node, builder } = operation;
  const { name: picture, value: input } = pictureInput(operation);
  const { attributes, output } = placeWindow(node, [input.shape[1]!, input.shape[2]!], {
    size: [shape[2]!, shape[3]!],
    strides: spatialAttribute(node, "strides"),
    dilations: spatialAttribute(node, "dilations"),
  });
  const data = transposeConstant(floatData(operation, filter, "the filter"), filter.shape, order);
  const weights = builder.constant({ type: "float32", shape, data }, `${node.name}/weights`);
  const convolved = emit(operation, "Conv", [picture, weights], [input.shape[0]!, ...output, shape[0]!], {
    attributes: {
      ...attributes,
      kernel_shape: attribute.ints(shape.slice(2)),
      group: attribute.int(groupsOf(operation, input.shape[3]!, layout)),
    },
    layout: "channelsFirst",
  });
  return applyFusedOps(operation, convolved);
}

function pooling(op: "MaxPool" | "AveragePool"): Rule {
  return (operation) => {
    const { node } = operation;
    const { name: picture, value: input } = pictureInput(operation);
    const size = spatialAttribute(node, "ksize");
    const window = { size, strides: spatialAttribute(node, "strides"), dilations: [1, 1] as const };
    const { attributes, output } = placeWindow(node, [input.shape[1]!, input.shape[2]!], window);
    return emit(operation, op, [picture], [input.shape[0]!, ...output, input.shape[3]!], {
      attributes: { ...attributes, kernel_shape: attribute.ints(size) },
      layout: "channelsFirst",
    });
  };
}

/** Operations with a window that slides over the picture. */
export const windowRules: Readonly<Record<string, Rule>> = {
  Conv2D: convolution,
  _FusedConv2D: convolution,
  DepthwiseConv2dNative: depthwiseConvolution,
  FusedDepthwiseConv2dNative: depthwiseConvolution,
  MaxPool: pooling("MaxPool"),
  AvgPool: pooling("AveragePool"),
};
