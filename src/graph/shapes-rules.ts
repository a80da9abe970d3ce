import { elementCount, type ElementType } from "../core/index.ts";
import {
  broadcastShapes,
  integerAttribute,
  integersAttribute,
  invalid,
  type ShapeQuery,
  type ShapeRule,
  textAttribute,
  type ValueType,
} from "./shape-rule.ts";

/** ONNX's codes of element types, as Cast names them. */
const castTypes: Readonly<Record<number, ElementType>> = { 1: "float32", 2: "uint8", 3: "int8", 6: "int32", 7: "int64", 9: "bool" };

const input = (query: ShapeQuery, index: number): ValueType => {
  const type = query.inputs[index];
  if (type === undefined) throw invalid(query.node, `lacks input ${index}`);
  return type;
};

const same: ShapeRule = (query) => [input(query, 0)];

const broadcast: ShapeRule = (query) => {
  const shapes = query.inputs.map((_, index) => input(query, index).shape);
  return [{ type: input(query, 0).type, shape: broadcastShapes(query.node, ...shapes) }];
};

const comparison: ShapeRule = (query) => [{ type: "bool", shape: broadcast(query)[0]!.shape }];

const where: ShapeRule = (query) => [{ type: input(query, 1).type, shape: broadcast(query)[0]!.shape }];

/** Kernel, strides and pads (top, left, bottom, right) of a convolution or pool over two dimensions. */
export function windowOf(
  query: Pick<ShapeQuery, "node">,
  kernel: readonly number[],
): { readonly kernel: readonly number[]; readonly strides: readonly number[]; readonly pads: readonly number[] } {
  const { node } = query;
  if (kernel.length !== 2) throw invalid(node, "works on two spatial dimensions here");
  if (textAttribute(node, "auto_pad", "NOTSET") !== "NOTSET") throw invalid(node, "must state its pads, not auto_pad");
  if (integersAttribute(node, "dilations", [1, 1]).some((size) => size !== 1))
    throw invalid(node, "has dilations, which have no rule here");
  if (integerAttribute(node, "ceil_mode", 0) !== 0) throw invalid(node, "rounds sizes up, which has no rule here");
  return { kernel, strides: integersAttribute(node, "strides", [1, 1]), pads: integersAttribute(node, "pads", [0, 0, 0, 0]) };
}

const windowed = (query: ShapeQuery, kernelSize: readonly number[], channels: number): ValueType => {
  const { type, shape } = input(query, 0);
  const { kernel, strides, pads } = windowOf(query, kernelSize);
  const spatial = [0, 1].map((axis) => Math.floor((shape[axis + 2]! + pads[axis]! + pads[axis + 2]! - kernel[axis]!) / strides[axis]!) + 1);
  return { type, shape: [shape[0]!, channels, ...spatial] };
};

const convolution: ShapeRule = (query) => {
  const weights = input(query, 1).shape;
  const groups = integerAttribute(query.node, "group", 1);
  if (input(query, 0).shape[1] !== weights[1]! * groups) {
    throw invalid(query.node, `has weights [${weights.join()}] in ${groups} groups for an input [${input(query, 0).shape.join()}]`);
  }
  return [windowed(query, weights.slice(2), weights[0]!)];
};

const transposedConvolution: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  const weights = input(query, 1).shape;
  const { kernel, strides, pads } = windowOf(query, weights.slice(2));
  const extra = integersAttribute(query.node, "output_padding", [0, 0]);
  const spatial = [0, 1].map(
    (axis) => (shape[axis + 2]! - 1) * strides[axis]! - pads[axis]! - pads[axis + 2]! + kernel[axis]! + extra[axis]!,
  );
  return [{ type, shape: [shape[0]!, weights[1]! * integerAttribute(query.node, "group", 1), ...spatial] }];
};

const pool: ShapeRule = (query) => {
  const result = windowed(query, integersAttribute(query.node, "kernel_shape", []), input(query, 0).shape[1]!);
  return [result, { type: "int64", shape: result.shape }];
};

/** The integer type is that of the zero point, unsigned where there is none. */
const quantize: ShapeRule = (query) => [{ type: query.inputs[2]?.type ?? "uint8", shape: input(query, 0).shape }];

const dequantize: ShapeRule = (query) => [{ type: "float32", shape: input(query, 0).shape }];

const globalPool: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  return [{ type, shape: [shape[0]!, shape[1]!, ...shape.slice(2).map(() => 1)] }];
};

const gemm: ShapeRule = (query) => {
  const [a, b] = [input(query, 0), input(query, 1)];
  const [rows, inner] = integerAttribute(query.node, "transA", 0) === 1 ? a.shape.toReversed() : a.shape;
  const [otherInner, columns] = integerAttribute(query.node, "transB", 0) === 1 ? b.shape.toReversed() : b.shape;
  if (inner !== otherInner) throw invalid(query.node, `cannot multiply [${a.shape.join()}] and [${b.shape.join()}]`);
  return [{ type: a.type, shape: [rows!, columns!] }];
};

/** Swaps the last two sizes. */
const swapped = (shape: readonly number[]): readonly number[] => [...shape.slice(0, -2), shape.at(-1)!, shape.at(-2)!];

const matMul: ShapeRule = (query) => {
  const [a, b] = [input(query, 0), input(query, 1)];
  if (a.shape.length < 2 || b.shape.length < 2) throw invalid(query.node, "multiplies matrices; give vectors two dimensions");
  const left = integerAttribute(query.node, "transA", 0) === 1 ? swapped(a.shape) : a.shape;
  const right = integerAttribute(query.node, "transB", 0) === 1 ? swapped(b.shape) : b.shape;
  if (left.at(-1) !== right.at(-2)) throw invalid(query.node, `cannot multiply [${left.join()}] and [${right.join()}]`);
  return [{ type: a.type, shape: [...broadcastShapes(query.node, left.slice(0, -2), right.slice(0, -2)), left.at(-2)!, right.at(-1)!] }];
};

const reshape: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  const wanted = query.integers(1)!.map((size, index) => (size === 0 ? shape[index]! : size));
  const rest = elementCount(wanted.filter((size) => size !== -1));
  const sizes = wanted.map((size) => (size === -1 ? elementCount(shape) / rest : size));
  if (elementCount(sizes) !== elementCount(shape)) throw invalid(query.node, `cannot make [${wanted.join()}] of [${shape.join()}]`);
  return [{ type, shape: sizes }];
};

const transpose: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  const order = integersAttribute(
    query.node,
    "perm",
    shape.map((_, axis) => shape.length - 1 - axis),
  );
  return [{ type, shape: order.map((axis) => shape[axis]!) }];
};

const flatten: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  const axis = positive(integerAttribute(query.node, "axis", 1), shape.length);
  return [{ type, shape: [elementCount(shape.slice(0, axis)), elementCount(shape.slice(axis))] }];
};

const concat: ShapeRule = (query) => {
  const first = input(query, 0);
  const axis = positive(integerAttribute(query.node, "axis", 0), first.shape.length);
  const total = query.inputs.reduce((sum, _, index) => sum + input(query, index).shape[axis]!, 0);
  return [{ type: first.type, shape: first.shape.with(axis, total) }];
};

/** An axis counted from the end as one from the start. */
export function positive(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** The range that Slice takes along each of its axes, in whole steps from `start`. */
export function sliceRanges(
  query: ShapeQuery,
): readonly { readonly axis: number; readonly start: number; readonly step: number; readonly count: number }[] {
  const { shape } = input(query, 0);
  const [starts, ends] = [query.integers(1)!, query.integers(2)!];
  const axes = query.integers(3) ?? starts.map((_, index) => index);
  const steps = query.integers(4) ?? starts.map(() => 1);
  return starts.map((from, index) => {
    const axis = positive(axes[index]!, shape.length);
    const size = shape[axis]!;
    const step = steps[index]!;
    const clamp = (value: number): number =>
      Math.min(Math.max(value < 0 ? value + size : value, step < 0 ? -1 : 0), step < 0 ? size - 1 : size);
    const start = clamp(from);
    // An end far below zero means "past the first element" for a negative step.
    const end = step < 0 && ends[index]! < -size ? -1 : clamp(ends[index]!);
    return { axis, start, step, count: Math.max(0, Math.ceil((end - start) / step)) };
  });
}

const slice: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  const sizes = [...shape];
  for (const { axis, count } of sliceRanges(query)) sizes[axis] = count;
  return [{ type, shape: sizes }];
};

const pad: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  const pads = query.integers(1)!;
  const axes = (query.integers(3) ?? shape.map((_, axis) => axis)).map((axis) => positive(axis, shape.length));
  const sizes = [...shape];
  for (const [index, axis] of axes.entries()) sizes[axis]! += pads[index]! + pads[index + axes.length]!;
  return [{ type, shape: sizes }];
};

/** The axes that a reduction runs over; all where none are given. */
export function reducedAxes(query: ShapeQuery): readonly number[] {
  const { shape } = input(query, 0);
  const axes = query.integers(1) ?? [];
  return axes.length === 0 ? shape.map((_, axis) => axis) : axes.map((axis) => positive(axis, shape.length));
}

const reduce: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  const axes = reducedAxes(query);
  const keep = integerAttribute(query.node, "keepdims", 1) === 1;
  const sizes = shape.flatMap((size, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [size]));
  return [{ type, shape: sizes }];
};

const argument: ShapeRule = (query) => {
  const { shape } = input(query, 0);
  const axis = positive(integerAttribute(query.node, "axis", 0), shape.length);
  const keep = integerAttribute(query.node, "keepdims", 1) === 1;
  return [{ type: "int64", shape: keep ? shape.with(axis, 1) : shape.toSpliced(axis, 1) }];
};

const cast: ShapeRule = (query) => {
  const type = castTypes[integerAttribute(query.node, "to", 1)];
  if (type === undefined) throw invalid(query.node, "casts to a type that is not known here");
  return [{ type, shape: input(query, 0).shape }];
};

const batchNormalization: ShapeRule = (query) => {
  const channels = input(query, 1);
  return [input(query, 0), channels, channels];
};

const resize: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  const sizes = query.integers(3);
  if (sizes === undefined) throw invalid(query.node, "must state its sizes, not scales");
  return [{ type, shape: sizes.length === shape.length ? sizes : [] }];
};

const expand: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  return [{ type, shape: broadcastShapes(query.node, shape, query.integers(1)!) }];
};

const squeeze: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  const axes = query.integers(1)?.map((axis) => positive(axis, shape.length));
  return [{ type, shape: shape.filter((size, axis) => (axes === undefined ? size !== 1 : !axes.includes(axis))) }];
};

const unsqueeze: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  const axes = query.integers(1)!.map((axis) => positive(axis, shape.length + query.integers(1)!.length));
  const sizes = [...shape];
  for (const axis of axes.toSorted((a, b) => a - b)) sizes.splice(axis, 0, 1);
  return [{ type, shape: sizes }];
};

const gather: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  const axis = positive(integerAttribute(query.node, "axis", 0), shape.length);
  return [{ type, shape: shape.toSpliced(axis, 1, ...input(query, 1).shape) }];
};

const randomUniform: ShapeRule = (query) => [{ type: "float32", shape: integersAttribute(query.node, "shape", []) }];

const names = (rule: ShapeRule, ...operations: readonly string[]): Record<string, ShapeRule> =>
  Object.fromEntries(operations.map((operation) => [operation, rule]));

/** By operation; the domain stands before the name where it is not ONNX's own. */
export const shapeRules: Readonly<Record<string, ShapeRule>> = {
  ...names(
    same,
    "Identity",
    "Relu",
    "Sigmoid",
    "HardSigmoid",
    "HardSwish",
    "Gelu",
    "Tanh",
    "Erf",
    "Exp",
    "Log",
    "Sqrt",
    "Neg",
    "Abs",
    "Sign",
  ),
  ...names(same, "Reciprocal", "Softplus", "LeakyRelu", "Elu", "Softmax", "LogSoftmax", "Clip", "Cos", "Floor", "Not", "ScatterElements"),
  ...names(same, "com.microsoft.nchwc.ReorderInput", "com.microsoft.nchwc.ReorderOutput", "com.microsoft.QuickGelu"),
  ...names(broadcast, "Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "PRelu", "And", "Or"),
  ...names(comparison, "Greater", "Less", "Equal", "GreaterOrEqual", "LessOrEqual"),
  ...names(convolution, "Conv", "com.microsoft.FusedConv", "com.microsoft.nchwc.Conv"),
  ...names(pool, "MaxPool", "AveragePool"),
  ...names(globalPool, "GlobalAveragePool", "GlobalMaxPool"),
  ...names(matMul, "MatMul", "com.microsoft.FusedMatMul"),
  ...names(reduce, "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceSumSquare", "ReduceL2", "ReduceLogSumExp"),
  ...names(argument, "ArgMax", "ArgMin"),
  BatchNormalization: batchNormalization,
  Cast: cast,
  Concat: concat,
  ConvTranspose: transposedConvolution,
  DequantizeLinear: dequantize,
  Dropout: (query) => [input(query, 0), { type: "bool", shape: input(query, 0).shape }],
  Expand: expand,
  Flatten: flatten,
  Gather: gather,
  Gemm: gemm,
  Pad: pad,
  QuantizeLinear: quantize,
  RandomUniform: randomUniform,
  Reshape: reshape,
  Resize: resize,
  Slice: slice,
  Squeeze: squeeze,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
  Where: where,
};
