import { type Tensor } from "../../core/index.ts";
import { attribute } from "../attributes.ts";
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
  readonly groups: number;
}

function convolve(operation: Operation, filter: Tensor, { order, shape, groups }: FilterLayout): ComputedValue {
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
    attributes: { ...attributes, kernel_shape: attribute.ints(shape.slice(2)), group: attribute.int(groups) },
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
