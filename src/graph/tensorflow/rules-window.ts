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
import { attributeOf, unsupported } from "./node.ts";
import { placeWindow, spatialAttribute, type Window } from "./windows.ts";

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
    if (op === "MaxPool" && isSpaced(operation, input.shape, window)) return spacedMaxima(operation, window);
    const { attributes, output } = placeWindow(node, [input.shape[1]!, input.shape[2]!], window);
    return emit(operation, op, [picture], [input.shape[0]!, ...output, input.shape[3]!], {
      attributes: { ...attributes, kernel_shape: attribute.ints(size) },
      layout: "channelsFirst",
    });
  };
}

/** Whether pixels lie between the windows of `SAME`, and it hangs on a free size how much is added: engines refuse such maxima for some sizes. */
function isSpaced({ node }: Operation, [, height, width]: readonly Dimension[], { size, strides }: Window): boolean {
  const isFree = [height, width].some((total, axis) => typeof total === "string" && strides[axis] !== 1 && size[axis]! > 2);
  return isFree && attributeOf(node, "padding", "string") === "SAME" && strides.some((stride, axis) => size[axis]! < stride);
}

/**
 * Maxima in windows that are smaller than their steps, of pictures of any size: what `SAME` adds is computed from the size, and lies below every
 * number. It is what the last window lacks, which has the pixels behind the last whole step.
 */
function spacedMaxima(operation: Operation, { size, strides }: Window): ComputedValue {
  const { builder, node } = operation;
  const { name: picture, value } = pictureInput(operation);
  const op = (name: string, ...inputs: readonly string[]): string => builder.op(name, inputs, {}, { name: `${node.name}/${name}` });
  const list = (...values: readonly number[]): string => builder.integers(values);
  const concat = (...parts: readonly string[]): string => builder.op("Concat", parts, { axis: attribute.int(0) });
  const sizes = op("Slice", op("Shape", picture), list(2), list(4));
  const steps = op("Div", op("Sub", sizes, list(1)), list(...strides));
  const seen = op("Sub", sizes, op("Mul", steps, list(...strides)));
  const added = op("Max", op("Sub", list(...size), seen), list(0));
  const before = op("Div", added, list(2));
  const pads = concat(list(0, 0), before, list(0, 0), op("Sub", added, before));
  const padded = op("Pad", picture, pads, builder.scalar(Number.NEGATIVE_INFINITY));
  const [batch, height, width, channels] = value.shape;
  const along = (total: Dimension, stride: number): Dimension =>
    typeof total === "number" ? Math.ceil(total / stride) : stride === 1 ? total : `${total}/${stride}`;
  return emit(operation, "MaxPool", [padded], [batch!, along(height!, strides[0]), along(width!, strides[1]), channels!], {
    attributes: { strides: attribute.ints(strides), kernel_shape: attribute.ints(size) },
    layout: "channelsFirst",
  });
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
