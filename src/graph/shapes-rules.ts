import { elementCount, TensorFaceError } from "../core/index.ts";
import type { GraphNode } from "./model.ts";
import {
  axisOf,
  broadcastShapes,
  castTypes,
  integerAttribute,
  integersAttribute,
  invalid,
  type ShapeQuery,
  type ShapeRule,
  textAttribute,
  type ValueType,
} from "./shape-rule.ts";
import { convolution, pool, transposedConvolution } from "./shapes-windows.ts";

const input = (query: ShapeQuery, index: number): ValueType => {
  const type = query.inputs[index];
  if (type === undefined) throw invalid(query.node, `lacks input ${index}`);
  return type;
};

/** A constant integer input that must be there. */
const list = (query: ShapeQuery, index: number): readonly number[] => {
  const numbers = query.integers(index);
  if (numbers === undefined) throw invalid(query.node, `lacks input ${index}`);
  return numbers;
};

/** Why a rule gives up on what ONNX allows. */
const unruled = (node: GraphNode, what: string): TensorFaceError =>
  new TensorFaceError("TF_GRAPH_UNSUPPORTED_OP", `node "${node.name}" (${node.op}) ${what}, which has no shape rule here`);

const axisAttribute = ({ node }: ShapeQuery, fallback: number, rank: number): number =>
  axisOf(node, integerAttribute(node, "axis", fallback), rank);

const same: ShapeRule = (query) => [input(query, 0)];

const broadcast: ShapeRule = (query) => {
  const shapes = query.inputs.map((_, index) => input(query, index).shape);
  return [{ type: input(query, 0).type, shape: broadcastShapes(query.node, ...shapes) }];
};

/** The second operand must broadcast to the first. */
const slope: ShapeRule = (query) => {
  const [{ type, shape }, { shape: slopes }] = [input(query, 0), input(query, 1)];
  if (broadcastShapes(query.node, shape, slopes).join() !== shape.join())
    throw invalid(query.node, `has slopes [${slopes.join()}] for [${shape.join()}]`);
  return [{ type, shape }];
};

const comparison: ShapeRule = (query) => [{ type: "bool", shape: broadcast(query)[0]!.shape }];

const question: ShapeRule = (query) => [{ type: "bool", shape: input(query, 0).shape }];

const where: ShapeRule = (query) => [{ type: input(query, 1).type, shape: broadcast(query)[0]!.shape }];

/** The integer type is that of the zero point, unsigned where there is none. */
const quantize: ShapeRule = (query) => [{ type: query.inputs[2]?.type ?? "uint8", shape: input(query, 0).shape }];

const dequantize: ShapeRule = (query) => [{ type: "float32", shape: input(query, 0).shape }];

const globalPool: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  return [{ type, shape: [...shape.slice(0, 2), ...shape.slice(2).map(() => 1)] }];
};

const gemm: ShapeRule = (query) => {
  const [a, b] = [input(query, 0), input(query, 1)];
  if (a.shape.length !== 2 || b.shape.length !== 2)
    throw invalid(query.node, `multiplies matrices, got [${a.shape.join()}] and [${b.shape.join()}]`);
  const [rows, inner] = integerAttribute(query.node, "transA", 0) === 1 ? a.shape.toReversed() : a.shape;
  const [otherInner, columns] = integerAttribute(query.node, "transB", 0) === 1 ? b.shape.toReversed() : b.shape;
  if (inner !== otherInner) throw invalid(query.node, `cannot multiply [${a.shape.join()}] and [${b.shape.join()}]`);
  const shape = [rows!, columns!];
  const bias = query.inputs[2]?.shape ?? [];
  if (broadcastShapes(query.node, shape, bias).join() !== shape.join())
    throw invalid(query.node, `cannot add [${bias.join()}] to [${shape.join()}]`);
  return [{ type: a.type, shape }];
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
  const keepsZero = integerAttribute(query.node, "allowzero", 0) === 1;
  const wanted = list(query, 1).map((size, index) => (size === 0 && !keepsZero ? shape[index]! : size));
  const rest = elementCount(wanted.filter((size) => size !== -1));
  const sizes = wanted.map((size) => (size === -1 ? elementCount(shape) / rest : size));
  const isWhole = sizes.every((size) => Number.isInteger(size) && size >= 0);
  if (!isWhole || elementCount(sizes) !== elementCount(shape))
    throw invalid(query.node, `cannot make [${list(query, 1).join()}] of [${shape.join()}]`);
  return [{ type, shape: sizes }];
};

const transpose: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  const axes = shape.map((_, axis) => axis);
  const order = integersAttribute(query.node, "perm", axes.toReversed());
  if (order.toSorted((a, b) => a - b).join() !== axes.join())
    throw invalid(query.node, `cannot put the axes of [${shape.join()}] into the order [${order.join()}]`);
  return [{ type, shape: order.map((axis) => shape[axis]!) }];
};

const flatten: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  const axis = integerAttribute(query.node, "axis", 1);
  const from = axis === shape.length ? axis : axisOf(query.node, axis, shape.length);
  return [{ type, shape: [elementCount(shape.slice(0, from)), elementCount(shape.slice(from))] }];
};

const concat: ShapeRule = (query) => {
  const first = input(query, 0);
  const axis = axisAttribute(query, 0, first.shape.length);
  const parts = query.inputs.map((_, index) => input(query, index).shape);
  const rest = (shape: readonly number[]): string => shape.map((size, at) => (at === axis ? "_" : size)).join();
  if (parts.some((shape) => rest(shape) !== rest(first.shape)))
    throw invalid(query.node, `cannot join ${parts.map((shape) => `[${shape.join()}]`).join(" and ")}`);
  const total = parts.reduce((sum, shape) => sum + shape[axis]!, 0);
  return [{ type: first.type, shape: first.shape.with(axis, total) }];
};

/** The range that Slice takes along each of its axes, in whole steps from `start`. */
export function sliceRanges(
  query: ShapeQuery,
): readonly { readonly axis: number; readonly start: number; readonly step: number; readonly count: number }[] {
  const { shape } = input(query, 0);
  const [starts, ends] = [list(query, 1), list(query, 2)];
  const axes = query.integers(3) ?? starts.map((_, index) => index);
  const steps = query.integers(4) ?? starts.map(() => 1);
  if ([ends, axes, steps].some(({ length }) => length !== starts.length) || steps.includes(0))
    throw invalid(query.node, "has lists that do not fit together");
  return starts.map((from, index) => {
    const axis = axisOf(query.node, axes[index]!, shape.length);
    const size = shape[axis]!;
    const step = steps[index]!;
    const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value < 0 ? value + size : value, low), high);
    const start = step < 0 ? clamp(from, 0, size - 1) : clamp(from, 0, size);
    const end = step < 0 ? clamp(ends[index]!, -1, size) : clamp(ends[index]!, 0, size);
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
  const pads = list(query, 1);
  const axes = (query.integers(3) ?? shape.map((_, axis) => axis)).map((axis) => axisOf(query.node, axis, shape.length));
  if (pads.length !== 2 * axes.length) throw invalid(query.node, `has ${pads.length} pads for ${axes.length} axes`);
  const sizes = [...shape];
  for (const [index, axis] of axes.entries()) sizes[axis]! += pads[index]! + pads[index + axes.length]!;
  if (sizes.some((size) => size < 0)) throw invalid(query.node, `cuts more off [${shape.join()}] than there is`);
  return [{ type, shape: sizes }];
};

/** The axes that a reduction runs over; where none are given all, or none where the node says so. */
export function reducedAxes({ node, inputs, integers }: ShapeQuery): readonly number[] {
  const shape = inputs[0]?.shape ?? [];
  const axes = integers(1) ?? [];
  if (axes.length > 0) return axes.map((axis) => axisOf(node, axis, shape.length));
  return integerAttribute(node, "noop_with_empty_axes", 0) === 1 ? [] : shape.map((_, axis) => axis);
}

const reduce: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  if (query.node.attributes["axes"] !== undefined) throw invalid(query.node, "has its axes as an attribute, as opsets before 18 do");
  const axes = reducedAxes(query);
  const keep = integerAttribute(query.node, "keepdims", 1) === 1;
  const sizes = shape.flatMap((size, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [size]));
  return [{ type, shape: sizes }];
};

const argument: ShapeRule = (query) => {
  const { shape } = input(query, 0);
  const axis = axisAttribute(query, 0, shape.length);
  const keep = integerAttribute(query.node, "keepdims", 1) === 1;
  return [{ type: "int64", shape: keep ? shape.with(axis, 1) : shape.toSpliced(axis, 1) }];
};

const cast: ShapeRule = (query) => {
  const type = castTypes[integerAttribute(query.node, "to", 1)];
  if (type === undefined) throw unruled(query.node, "casts to a type that is not known here");
  return [{ type, shape: input(query, 0).shape }];
};

const batchNormalization: ShapeRule = (query) => {
  const channels = input(query, 1);
  return [input(query, 0), channels, channels];
};

const resize: ShapeRule = (query) => {
  const { node } = query;
  const { type, shape } = input(query, 0);
  if (textAttribute(node, "keep_aspect_ratio_policy", "stretch") !== "stretch") throw unruled(node, "keeps the picture's proportions");
  if (textAttribute(node, "coordinate_transformation_mode", "half_pixel") === "tf_crop_and_resize") throw unruled(node, "crops");
  const axes = integersAttribute(
    node,
    "axes",
    shape.map((_, axis) => axis),
  ).map((axis) => axisOf(node, axis, shape.length));
  const [scales, sizes] = [query.integers(2), query.integers(3)];
  const given = sizes ?? scales ?? [];
  if (given.length !== axes.length || sizes?.length === scales?.length)
    throw invalid(node, `must state its sizes or its scales along ${axes.length} axes`);
  const result = [...shape];
  for (const [index, axis] of axes.entries())
    result[axis] = sizes?.[index] ?? Math.floor(Math.fround(Math.fround(scales![index]!) * shape[axis]!));
  if (result.some((size) => !(size > 0))) throw invalid(node, `gives [${result.join()}]`);
  return [{ type, shape: result }];
};

const expand: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  return [{ type, shape: broadcastShapes(query.node, shape, list(query, 1)) }];
};

const squeeze: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  const axes = query.integers(1)?.map((axis) => axisOf(query.node, axis, shape.length));
  const wide = axes?.find((axis) => shape[axis] !== 1);
  if (wide !== undefined) throw invalid(query.node, `drops axis ${wide} of [${shape.join()}]`);
  return [{ type, shape: shape.filter((size, axis) => (axes === undefined ? size !== 1 : !axes.includes(axis))) }];
};

const unsqueeze: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  const added = list(query, 1);
  const axes = added.map((axis) => axisOf(query.node, axis, shape.length + added.length));
  if (new Set(axes).size !== axes.length) throw invalid(query.node, `adds one axis twice: [${added.join()}]`);
  const sizes = [...shape];
  for (const axis of axes.toSorted((a, b) => a - b)) sizes.splice(axis, 0, 1);
  return [{ type, shape: sizes }];
};

const gather: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  return [{ type, shape: shape.toSpliced(axisAttribute(query, 0, shape.length), 1, ...input(query, 1).shape) }];
};

const split: ShapeRule = (query) => {
  const { node } = query;
  const { type, shape } = input(query, 0);
  const axis = axisAttribute(query, 0, shape.length);
  const count = node.outputs.length;
  const each = Math.ceil(shape[axis]! / count);
  const equal = Array.from({ length: count }, (_, index) => Math.min(each, shape[axis]! - index * each));
  const sizes = query.integers(1) ?? equal;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (sizes.length !== count || total !== shape[axis] || sizes.some((size) => size < 0))
    throw invalid(node, `cannot cut ${shape[axis]} into parts of ${sizes.join()}`);
  return sizes.map((size) => ({ type, shape: shape.with(axis, size) }));
};

const tile: ShapeRule = (query) => {
  const { type, shape } = input(query, 0);
  const repeats = list(query, 1);
  if (repeats.length !== shape.length) throw invalid(query.node, `repeats [${repeats.join()}] for [${shape.join()}]`);
  return [{ type, shape: shape.map((size, axis) => size * repeats[axis]!) }];
};

/** Blocks of `size` by `size` pixels become channels, or the other way. */
const blocks =
  (isDeeper: boolean): ShapeRule =>
  (query) => {
    const { type, shape } = input(query, 0);
    const size = integerAttribute(query.node, "blocksize", 1);
    const [batch, channels, height, width] = shape;
    const sizes = isDeeper
      ? [batch!, channels! * size ** 2, height! / size, width! / size]
      : [batch!, channels! / size ** 2, height! * size, width! * size];
    if (shape.length !== 4 || !sizes.every(Number.isInteger))
      throw invalid(query.node, `cannot make blocks of ${size} of [${shape.join()}]`);
    return [{ type, shape: sizes }];
  };

const constant: ShapeRule = ({ node, value }) => {
  const tensor = value();
  if (tensor === undefined) throw unruled(node, "holds what is no list of numbers");
  return [{ type: tensor.type, shape: tensor.shape }];
};

const filled: ShapeRule = (query) => {
  const { value } = query.node.attributes;
  return [{ type: value?.kind === "tensor" ? value.value.type : "float32", shape: list(query, 0) }];
};

const shapeOf: ShapeRule = (query) => {
  const { shape } = input(query, 0);
  const end = query.node.attributes["end"];
  const range = shape.slice(integerAttribute(query.node, "start", 0), end?.kind === "int" ? end.value : shape.length);
  return [{ type: "int64", shape: [range.length] }];
};

const randomUniform: ShapeRule = (query) => [{ type: "float32", shape: integersAttribute(query.node, "shape", []) }];

const names = (rule: ShapeRule, operations: string): Record<string, ShapeRule> =>
  Object.fromEntries(operations.split(" ").map((operation) => [operation, rule]));

/** By operation; the domain stands before the name where it is not ONNX's own. */
export const shapeRules: Readonly<Record<string, ShapeRule>> = {
  ...names(
    same,
    "Abs Acos Acosh Asin Asinh Atan Atanh Ceil Celu Clip Cos Cosh CumSum Elu Erf Exp Floor Gelu HardSigmoid HardSwish Hardmax",
  ),
  ...names(same, "Identity InstanceNormalization LRN LeakyRelu Log LogSoftmax LpNormalization Mish Neg Not Reciprocal Relu Round Selu"),
  ...names(same, "ScatterElements Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign Sqrt Tan Tanh ThresholdedRelu Trilu"),
  ...names(same, "com.microsoft.nchwc.ReorderInput com.microsoft.nchwc.ReorderOutput com.microsoft.QuickGelu"),
  ...names(broadcast, "Add And Div Max Mean Min Mod Mul Or Pow Sub Sum Xor"),
  ...names(comparison, "Equal Greater GreaterOrEqual Less LessOrEqual"),
  ...names(question, "IsInf IsNaN"),
  ...names(convolution, "Conv com.microsoft.FusedConv com.microsoft.nchwc.Conv"),
  ...names(pool, "AveragePool LpPool MaxPool"),
  ...names(globalPool, "GlobalAveragePool GlobalLpPool GlobalMaxPool"),
  ...names(matMul, "MatMul com.microsoft.FusedMatMul"),
  ...names(reduce, "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare"),
  ...names(argument, "ArgMax ArgMin"),
  BatchNormalization: batchNormalization,
  Cast: cast,
  Concat: concat,
  Constant: constant,
  ConstantOfShape: filled,
  ConvTranspose: transposedConvolution,
  DepthToSpace: blocks(false),
  DequantizeLinear: dequantize,
  Dropout: (query) => [input(query, 0), { type: "bool", shape: input(query, 0).shape }],
  Expand: expand,
  Flatten: flatten,
  Gather: gather,
  GatherElements: (query) => [{ type: input(query, 0).type, shape: input(query, 1).shape }],
  Gemm: gemm,
  PRelu: slope,
  Pad: pad,
  QuantizeLinear: quantize,
  RandomUniform: randomUniform,
  Reshape: reshape,
  Resize: resize,
  Shape: shapeOf,
  Size: () => [{ type: "int64", shape: [] }],
  Slice: slice,
  SpaceToDepth: blocks(true),
  Split: split,
  Squeeze: squeeze,
  Tile: tile,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
  Where: where,
};
