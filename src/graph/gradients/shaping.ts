import { integerAttribute, integersAttribute, positive, type ShapeQuery, textAttribute } from "../shape-rule.ts";
import { reducedAxes, sliceRanges } from "../shapes-rules.ts";
import type { GraphNode } from "../model.ts";
import type { GradientContext, GradientRule } from "./context.ts";
import { unsupported } from "./convolution.ts";

/** Rules of operations that only move elements, and of reductions. */

const reshaped: GradientRule = (node, [gradient], context) => [context.reshape(gradient!, context.shape(node.inputs[0]!))];

const transpose: GradientRule = (node, [gradient], context) => {
  const rank = context.shape(node.inputs[0]!).length;
  const order = integersAttribute(
    node,
    "perm",
    Array.from({ length: rank }, (_, axis) => rank - 1 - axis),
  );
  return [
    context.transpose(
      gradient!,
      order.map((_, axis) => order.indexOf(axis)),
    ),
  ];
};

const concat: GradientRule = (node, [gradient], context, wanted) => {
  const axis = positive(integerAttribute(node, "axis", 0), context.shape(gradient!).length);
  let start = 0;
  return node.inputs.map((input, index) => {
    const from = start;
    start += context.shape(input)[axis]!;
    return wanted[index]! ? context.slice(gradient!, axis, from, start) : undefined;
  });
};

/** The numbers of a node's constant integer input. */
function integersOf(node: GraphNode, index: number, context: GradientContext): readonly number[] | undefined {
  const tensor = context.constantOf(node.inputs[index] ?? "");
  return tensor === undefined ? undefined : Array.from(tensor.data, Number);
}

/** The node as rules for shapes ask about it. */
function queryOf(node: GraphNode, context: GradientContext): ShapeQuery {
  return {
    node,
    inputs: [{ type: "float32", shape: context.shape(node.inputs[0]!) }],
    integers: (index) => integersOf(node, index, context),
    value: () => undefined,
  };
}

/** Puts the gradient back where it was cut out, zeros elsewhere. */
const slice: GradientRule = (node, [gradient], context) => {
  const input = node.inputs[0]!;
  const shape = context.shape(input);
  let result = gradient!;
  for (const { axis, start, step, count } of sliceRanges(queryOf(node, context))) {
    if (step < 0) throw unsupported(node, "with a negative step");
    result = place(result, { axis, start, step, count, size: shape[axis]! }, context);
  }
  return [result, undefined, undefined, undefined, undefined];
};

/** Spreads a value along one axis: element i goes to `start + i * step` of `size`, zeros between. */
export function place(
  value: string,
  range: { readonly axis: number; readonly start: number; readonly step: number; readonly count: number; readonly size: number },
  context: GradientContext,
): string {
  const { axis, start, step, count, size } = range;
  const spread = step === 1 ? value : context.slice(dilate(value, axis, step, context), axis, 0, (count - 1) * step + 1);
  const filled = (count - 1) * step + 1;
  const zeros = context.shape(value).map(() => 0);
  return context.pad(spread, zeros.with(axis, start), zeros.with(axis, size - start - filled));
}

/** Follows every element along an axis with `step - 1` zeros. */
function dilate(value: string, axis: number, step: number, context: GradientContext): string {
  const shape = context.shape(value);
  const column = context.reshape(value, shape.toSpliced(axis + 1, 0, 1));
  const zeros = [...shape, 1].map(() => 0);
  const padded = context.pad(column, zeros, zeros.with(axis + 1, step - 1));
  return context.reshape(padded, shape.with(axis, shape[axis]! * step));
}

/** What was added is cut off again; where numbers were cut off, they had no part in the result. */
const pad: GradientRule = (node, [gradient], context) => {
  const mode = textAttribute(node, "mode", "constant");
  if (mode !== "constant") throw unsupported(node, `that fills by "${mode}"`);
  const shape = context.shape(node.inputs[0]!);
  const pads = integersOf(node, 1, context)!;
  const axes = (integersOf(node, 3, context) ?? shape.map((_, axis) => axis)).map((axis) => positive(axis, shape.length));
  let result = gradient!;
  const cut = [shape.map(() => 0), shape.map(() => 0)] as const;
  for (const [index, axis] of axes.entries()) {
    const [before, after] = [pads[index]!, pads[index + axes.length]!];
    cut[0][axis] = Math.max(0, -before);
    cut[1][axis] = Math.max(0, -after);
    const end = context.shape(result)[axis]! - Math.max(0, after);
    if (before > 0 || after > 0) result = context.slice(result, axis, Math.max(0, before), end);
  }
  return [context.pad(result, ...cut)];
};

const expand: GradientRule = (node, [gradient], context) => [context.sumTo(gradient!, context.shape(node.inputs[0]!))];

/** The gradient with the reduced axes back as ones, so that it broadcasts to the input. */
function unreduced(node: GraphNode, gradient: string, context: GradientContext): { value: string; count: number } {
  const shape = context.shape(node.inputs[0]!);
  const axes = new Set(reducedAxes(queryOf(node, context)));
  const kept = shape.map((size, axis) => (axes.has(axis) ? 1 : size));
  return { value: context.reshape(gradient, kept), count: [...axes].reduce((product, axis) => product * shape[axis]!, 1) };
}

const reduceSum: GradientRule = (node, [gradient], context) => [unreduced(node, gradient!, context).value];

const reduceMean: GradientRule = (node, [gradient], context) => {
  const { value, count } = unreduced(node, gradient!, context);
  return [context.op("Mul", [value, context.scalar(1 / count)])];
};

const reduceSumSquare: GradientRule = (node, [gradient], context) => {
  const { value } = unreduced(node, gradient!, context);
  return [context.op("Mul", [node.inputs[0]!, context.op("Mul", [value, context.scalar(2)])])];
};

/** `y = log sum exp(x)`, so `dy/dx = exp(x - y)`. */
const reduceLogSumExp: GradientRule = (node, [gradient], context) => {
  const wide = (value: string): string => unreduced(node, value, context).value;
  const share = context.op("Exp", [context.op("Sub", [node.inputs[0]!, wide(node.outputs[0]!)])]);
  return [context.op("Mul", [share, wide(gradient!)])];
};

/** The ways to take coordinates and round them by which whole factors make every source pixel a block. */
const blockModes: Readonly<Record<string, readonly string[]>> = {
  asymmetric: ["floor"],
  half_pixel: ["round_prefer_floor", "round_prefer_ceil"],
  half_pixel_symmetric: ["round_prefer_floor", "round_prefer_ceil"],
  pytorch_half_pixel: ["round_prefer_floor", "round_prefer_ceil"],
};

/** Nearest neighbour by whole factors: every source pixel gets the sum over its block. */
const resize: GradientRule = (node, [gradient], context) => {
  const shape = context.shape(node.inputs[0]!);
  const factors = context.shape(gradient!).map((size, axis) => size / shape[axis]!);
  const isNearest = textAttribute(node, "mode", "nearest") === "nearest";
  if (!isNearest || !factors.every(Number.isInteger)) throw unsupported(node, "but nearest by whole factors");
  const coordinates = textAttribute(node, "coordinate_transformation_mode", "half_pixel");
  const rounding = textAttribute(node, "nearest_mode", "round_prefer_floor");
  if (blockModes[coordinates]?.includes(rounding) !== true) throw unsupported(node, `by "${coordinates}" and "${rounding}"`);
  const scales = integersOf(node, 2, context) ?? [];
  const axes = integersAttribute(
    node,
    "axes",
    shape.map((_, axis) => axis),
  );
  // The engine takes coordinates by the scale that it is given, which a size rounded down does not show.
  if (scales.some((scale, index) => scale !== factors[positive(axes[index]!, shape.length)])) throw unsupported(node, "by broken scales");
  const blocks = context.reshape(
    gradient!,
    shape.flatMap((size, axis) => [size, factors[axis]!]),
  );
  return [
    context.reshape(
      context.sum(
        blocks,
        shape.map((_, axis) => 2 * axis + 1),
      ),
      shape,
    ),
  ];
};

export const shapingRules: Readonly<Record<string, GradientRule>> = {
  Reshape: reshaped,
  Flatten: reshaped,
  Squeeze: reshaped,
  Unsqueeze: reshaped,
  Transpose: transpose,
  Concat: concat,
  Slice: slice,
  Pad: pad,
  Expand: expand,
  Resize: resize,
  ReduceSum: reduceSum,
  ReduceMean: reduceMean,
  ReduceSumSquare: reduceSumSquare,
  ReduceLogSumExp: reduceLogSumExp,
};
