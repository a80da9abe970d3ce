import { elementCount } from "../../core/index.ts";
import { attribute } from "../attributes.ts";
import { integerAttribute, integersAttribute } from "../shape-rule.ts";
import { windowOf } from "../shapes-rules.ts";
import { unsupported } from "./convolution.ts";
import type { GradientRule } from "./context.ts";

/** Rules of pooling. */

/** Every pixel gets its share; the rule's result broadcasts, so that no large tensor is written here. */
const globalAveragePool: GradientRule = (node, [gradient], context) => {
  const pixels = elementCount(context.shape(node.inputs[0]!).slice(2));
  return [context.op("Mul", [gradient!, context.scalar(1 / pixels)])];
};

/** A depthwise ConvTranspose by constant weights: each output spreads over its window. */
const averagePool: GradientRule = (node, [gradient], context) => {
  const shape = context.shape(node.inputs[0]!);
  const { kernel, strides, pads } = windowOf({ node }, integersAttribute(node, "kernel_shape", []));
  if (pads.some((size) => size !== 0) && integerAttribute(node, "count_include_pad", 0) === 0) {
    throw unsupported(node, "that pads without counting the padding");
  }
  const result = context.shape(gradient!);
  const share = 1 / (kernel[0]! * kernel[1]!);
  const weights = context.constant({
    type: "float32",
    shape: [shape[1]!, 1, kernel[0]!, kernel[1]!],
    data: new Float32Array(shape[1]! * kernel[0]! * kernel[1]!).fill(share),
  });
  const rest = [0, 1].map(
    (axis) => shape[axis + 2]! - ((result[axis + 2]! - 1) * strides[axis]! - pads[axis]! - pads[axis + 2]! + kernel[axis]!),
  );
  const spread = context.op("ConvTranspose", [gradient!, weights], {
    kernel_shape: attribute.ints(kernel),
    strides: attribute.ints(strides),
    pads: attribute.ints(pads),
    output_padding: attribute.ints(rest),
    group: attribute.int(shape[1]!),
  });
  return [spread];
};

/**
 * Adds every gradient to the pixel that won its window. The engine's second output counts pixels through the whole tensor
 * `[N, C, H, W]`; windows may overlap.
 */
const maxPool: GradientRule = (node, [gradient], context) => {
  const indices = node.outputs[1] ?? context.multi("MaxPool", 2, [node.inputs[0]!], node.attributes)[1]!;
  const shape = context.shape(node.inputs[0]!);
  const count = elementCount(shape);
  const zeros = context.op("Expand", [context.reshape(context.scalar(0), [1]), context.integers([count])]);
  const flat = (value: string): string => context.reshape(value, [elementCount(context.shape(gradient!))]);
  const scattered = context.op("ScatterElements", [zeros, flat(indices), flat(gradient!)], {
    axis: attribute.int(0),
    reduction: attribute.string("add"),
  });
  return [context.reshape(scattered, shape)];
};

export const poolingRules: Readonly<Record<string, GradientRule>> = {
  GlobalAveragePool: globalAveragePool,
  AveragePool: averagePool,
  MaxPool: maxPool,
};
