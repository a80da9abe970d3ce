import { elementCount, float32Tensor, type Float32Tensor } from "../../core/index.ts";
import { attribute } from "../attributes.ts";
import { integerAttribute, integersAttribute } from "../shape-rule.ts";
import { type Window, windowOf } from "../shapes-windows.ts";
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
  const channels = shape[1]!;
  const window = windowOf(node, integersAttribute(node, "kernel_shape", []), shape.slice(2));
  const { kernel, extent, dilations, strides, pads, result } = window;
  const isCeiled = integerAttribute(node, "ceil_mode", 0) === 1;
  const countsPadding = integerAttribute(node, "count_include_pad", 0) === 1;
  if (isCeiled && countsPadding) throw unsupported(node, "that counts the padding and rounds sizes up");
  const isEven = countsPadding || (pads.every((size) => size === 0) && !isCeiled);
  const share = isEven ? 1 / (kernel[0]! * kernel[1]!) : 1;
  const weights = context.constant(float32Tensor([channels, 1, ...kernel], new Float32Array(channels * elementCount(kernel)).fill(share)));
  const shared = isEven ? gradient! : context.op("Mul", [gradient!, context.constant(pixelShares(window, shape.slice(2)))]);
  const rest = [0, 1].map(
    (axis) => shape[axis + 2]! - ((result[axis]! - 1) * strides[axis]! - pads[axis]! - pads[axis + 2]! + extent[axis]!),
  );
  const spread = context.op("ConvTranspose", [shared, weights], {
    kernel_shape: attribute.ints(kernel),
    strides: attribute.ints(strides),
    dilations: attribute.ints(dilations),
    // Where the last window stands over the end, what it spreads there is cut off.
    pads: attribute.ints([...pads.slice(0, 2), ...pads.slice(2).map((size, axis) => size - Math.min(0, rest[axis]!))]),
    output_padding: attribute.ints(rest.map((size) => Math.max(0, size))),
    group: attribute.int(channels),
  });
  return [spread];
};

/** One over how many pixels of the picture each window holds, `[1, 1, rows, columns]`. */
function pixelShares({ kernel, dilations, strides, pads, result }: Window, source: readonly number[]): Float32Tensor {
  const counts = [0, 1].map((axis) =>
    Array.from({ length: result[axis]! }, (_, index) => {
      const start = index * strides[axis]! - pads[axis]!;
      const places = Array.from({ length: kernel[axis]! }, (_tap, tap) => start + tap * dilations[axis]!);
      return places.filter((place) => place >= 0 && place < source[axis]!).length;
    }),
  );
  const shares = counts[0]!.flatMap((rows) => counts[1]!.map((columns) => 1 / (rows * columns)));
  return float32Tensor([1, 1, ...result], Float32Array.from(shares));
}

/**
 * Adds every gradient to the pixel that won its window. The engine's second output counts pixels through the whole tensor
 * `[N, C, H, W]`, row by row unless the node wants columns; windows may overlap.
 */
const maxPool: GradientRule = (node, [gradient], context) => {
  const { storage_order: order, ...attributes } = node.attributes;
  const isByRow = order?.kind !== "int" || order.value === 0;
  const made = isByRow ? node.outputs[1] : undefined;
  const indices = made === undefined || made === "" ? context.multi("MaxPool", 2, [node.inputs[0]!], attributes)[1]! : made;
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
