import { TensorFaceError } from "../../core/index.ts";
import { integerAttribute, integersAttribute } from "../shape-rule.ts";
import { positive, sliceRanges } from "../shapes-rules.ts";
import type { GraphNode } from "../model.ts";
import type { GradientContext, GradientRule } from "./context.ts";

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

/** Puts the gradient back where it was cut out, zeros elsewhere. */
const slice: GradientRule = (node, [gradient], context) => {
  const input = node.inputs[0]!;
  const shape = context.shape(input);
  const ranges = sliceRanges({
    node,
    inputs: [{ type: "float32", shape }],
    integers: (index) => integersOf(node, index, context),
  });
  let result = gradient!;
  for (const { axis, start, step, count } of ranges) {
    if (step < 0)
      throw new TensorFaceError("TF_GRAPH_UNSUPPORTED_OP", `node "${node.name}": no gradient rule for Slice with a negative step`);
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

const pad: GradientRule = (node, [gradient], context) => {
  const shape = context.shape(node.inputs[0]!);
  const pads = integersOf(node, 1, context)!;
  const axes = (integersOf(node, 3, context) ?? shape.map((_, axis) => axis)).map((axis) => positive(axis, shape.length));
  let result = gradient!;
  for (const [index, axis] of axes.entries()) {
    const before = pads[index]!;
    if (before !== 0 || pads[index + axes.length] !== 0) result = context.slice(result, axis, before, before + shape[axis]!);
  }
  return [result];
};

const expand: GradientRule = (node, [gradient], context) => [context.sumTo(gradient!, context.shape(node.inputs[0]!))];

/** The gradient with the reduced axes back as ones, so that it broadcasts to the input. */
function unreduced(node: GraphNode, gradient: string, context: GradientContext): { value: string; count: number } {
  const shape = context.shape(node.inputs[0]!);
  const given = integersOf(node, 1, context) ?? [];
  const axes = given.length === 0 ? shape.map((_, axis) => axis) : given.map((axis) => positive(axis, shape.length));
  const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  return { value: context.reshape(gradient, kept), count: axes.reduce((product, axis) => product * shape[axis]!, 1) };
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

/** Nearest neighbour by whole factors: every source pixel gets the sum over its block. */
const resize: GradientRule = (node, [gradient], context) => {
  const shape = context.shape(node.inputs[0]!);
  const factors = context.shape(gradient!).map((size, axis) => size / shape[axis]!);
  const mode = node.attributes["mode"];
  const isNearest = mode === undefined || (mode.kind === "string" && mode.value === "nearest");
  if (!isNearest || factors.some((factor) => !Number.isInteger(factor))) {
    throw new TensorFaceError("TF_GRAPH_UNSUPPORTED_OP", `node "${node.name}": no gradient rule for Resize but nearest by whole factors`);
  }
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
