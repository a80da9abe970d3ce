import { elementCount, type ElementType, type Tensor } from "../../core/index.ts";
import { attribute } from "../attributes.ts";
import type { Dimension } from "../model.ts";
import { attributeOf, invalid, unsupported } from "./node.ts";
import {
  castTo,
  channelsFirst,
  type ComputedValue,
  computedInput,
  type ConstantValue,
  constantInput,
  constantOf,
  emit,
  integerInput,
  integersOf,
  isTarget,
  numbersInOrder,
  type Operation,
  reshapeTarget,
  rowMajor,
  type Rule,
  toChannelsFirst,
  type Value,
} from "./operation.ts";

const reshape: Rule = (operation) => {
  const target = integerInput(operation, 1, "the shape");
  const input = operation.inputs[0];
  if (input?.kind === "constant") return constantOf({ ...input.tensor, shape: inferConstantShape(input.tensor, target) });
  const value = computedInput(operation, 0, "the input");
  return reshaped(operation, value, resolveShape(value.shape, target));
};

function reshaped(operation: Operation, value: ComputedValue, shape: readonly Dimension[]): ComputedValue {
  const target = operation.builder.integers(reshapeTarget(shape, value.shape));
  return emit(operation, "Reshape", [numbersInOrder(operation, value), target], shape, { type: value.type });
}

function inferConstantShape(tensor: Tensor, target: readonly number[]): number[] {
  const known = elementCount(target.filter((size) => size !== -1));
  return target.map((size) => (size === -1 ? tensor.data.length / known : size));
}

/**
 * The shape that a reshape gives. Graphs that were made for one picture write 1 for the batch: where the other sizes hold
 * exactly one picture's numbers, the batch stays free.
 */
function resolveShape(shape: readonly Dimension[], target: readonly number[]): Dimension[] {
  const [batch, ...rest] = shape;
  const [first, ...others] = target;
  if (typeof batch !== "string") return inferSize(shape, target);
  if (!rest.every((size) => typeof size === "number"))
    return first === 1 && others.includes(-1) ? [batch, ...withFreeSize(others, shape)] : withFreeSize(target, shape);
  const perPicture = elementCount(rest.map(Number));
  const known = elementCount(others.filter((size) => size !== -1));
  const keepsBatch = (first === 1 || first === -1) && (others.includes(-1) ? first === 1 : known === perPicture);
  if (!keepsBatch) return withFreeSize(target, shape);
  return [batch, ...others.map((size) => (size === -1 ? perPicture / known : size))];
}

/** A size that the engine finds is none of those that were free before. */
function withFreeSize(target: readonly number[], before: readonly Dimension[]): Dimension[] {
  const name = before.includes("M") ? "K" : "M";
  return target.map((size) => (size === -1 ? name : size));
}

function inferSize(shape: readonly Dimension[], target: readonly number[]): Dimension[] {
  if (!shape.every((size) => typeof size === "number")) return withFreeSize(target, shape);
  const known = elementCount(target.filter((size) => size !== -1));
  return target.map((size) => (size === -1 ? elementCount(shape.map(Number)) / known : size));
}

const expandDims: Rule = (operation) => {
  const [axis = 0] = integerInput(operation, 1, "the axis");
  const input = operation.inputs[0];
  const shapeWith = <Size>(shape: readonly Size[], one: Size): Size[] => shape.toSpliced(axis < 0 ? shape.length + 1 + axis : axis, 0, one);
  if (input?.kind === "constant") return constantOf({ ...input.tensor, shape: shapeWith(input.tensor.shape, 1) });
  const value = computedInput(operation, 0, "the input");
  const name = rowMajor(operation, value);
  return emit(operation, "Unsqueeze", [name, operation.builder.integers([axis])], shapeWith(value.shape, 1), { type: value.type });
};

const squeeze: Rule = (operation) => {
  const value = computedInput(operation, 0, "the input");
  const listed = attributeOf(operation.node, "squeeze_dims", "numbers") ?? attributeOf(operation.node, "axis", "numbers") ?? [];
  const axes = listed.map((axis) => (axis < 0 ? axis + value.shape.length : axis));
  const isDropped = (size: Dimension, axis: number): boolean => (axes.length === 0 ? size === 1 : axes.includes(axis));
  const shape = value.shape.filter((size, axis) => !isDropped(size, axis));
  if (isTarget(reshapeTarget(shape, value.shape))) return reshaped(operation, value, shape);
  const dropped = value.shape.flatMap((size, axis) => (isDropped(size, axis) ? [axis] : []));
  return emit(operation, "Squeeze", [rowMajor(operation, value), operation.builder.integers(dropped)], shape, { type: value.type });
};

/**
 * The sizes of a value, known now. A free batch is told as 1, as in a graph that was made for one picture: whoever shapes by it says "as many
 * as there are" ({@link resolveShape}).
 */
const shapeOf: Rule = (operation) => {
  const [input] = operation.inputs;
  if (input?.kind === "constant") return constantOf(integersOf(input.tensor.shape));
  const { shape } = computedInput(operation, 0, "the input");
  const free = shape.find((size, axis) => axis > 0 && typeof size === "string");
  if (free !== undefined) throw unsupported(operation.node, `asks for the free size ${free}`);
  return constantOf(integersOf(shape.map((size) => (typeof size === "number" ? size : 1))));
};

/** Sizes as a list; lists as a table, one after another or side by side. */
const pack: Rule = (operation) => {
  const parts = operation.inputs.map((_, index) => constantInput(operation, index, "a size"));
  const [first] = parts;
  const isInteger = parts.every(({ type }) => type === "int32" || type === "int64");
  if (first === undefined || !(isInteger || parts.every(({ type }) => type === "float32")))
    throw unsupported(operation.node, "only whole numbers, or only 32-bit fractions, are read");
  if (parts.some(({ shape }) => shape.join() !== first.shape.join())) throw invalid(operation.node, "stacks lists of different sizes");
  const listed = attributeOf(operation.node, "axis", "number") ?? 0;
  const axis = listed < 0 ? listed + first.shape.length + 1 : listed;
  const inner = elementCount(first.shape.slice(axis));
  const numbers = Array.from({ length: parts.length * first.data.length }, (_, index) => {
    const [row, column] = [Math.floor(index / inner), index % inner];
    return Number(parts[row % parts.length]!.data[Math.floor(row / parts.length) * inner + column]);
  });
  const shape = first.shape.toSpliced(axis, 0, parts.length);
  return constantOf(isInteger ? { ...integersOf(numbers), shape } : { type: "float32", shape, data: Float32Array.from(numbers) });
};

/** How many numbers there are of some sizes. */
const product: Rule = (operation) => {
  const count = elementCount(integerInput(operation, 0, "the sizes"));
  const keeps = attributeOf(operation.node, "keep_dims", "boolean") ?? false;
  return constantOf({ ...integersOf([count]), shape: keeps ? [1] : [] });
};

/** `ConcatV2` names the axis last, `Concat` first. */
function concatenation(axisAt: "first" | "last"): Rule {
  return (operation) => {
    const count = operation.inputs.length;
    const axisIndex = axisAt === "first" ? 0 : count - 1;
    const [listed = 0] = integerInput(operation, axisIndex, "the axis");
    const lists = operation.inputs.flatMap((input, index) => (index !== axisIndex && isSizes(input) ? [input.tensor] : []));
    if (lists.length === count - 1) return constantOf(integersOf(lists.flatMap(({ data }) => Array.from(data, Number))));
    const values = operation.inputs.flatMap((_, index) => (index === axisIndex ? [] : [computedInput(operation, index, "an input")]));
    const rank = values[0]?.shape.length ?? 0;
    const axis = listed < 0 ? listed + rank : listed;
    const isTurned = values.some(({ layout }) => layout === "channelsFirst");
    const names = values.map((value) => (isTurned ? channelsFirst(operation, value) : rowMajor(operation, value)));
    const sizes = values.map(({ shape }) => shape[axis]!);
    const total = sizes.every((size) => typeof size === "number") ? sizes.reduce((sum, size) => sum + size, 0) : "M";
    return emit(operation, "Concat", names, values[0]!.shape.with(axis, total), {
      attributes: { axis: attribute.int(isTurned ? toChannelsFirst.findIndex((each) => each === axis) : axis) },
      layout: isTurned ? "channelsFirst" : "rowMajor",
      type: values[0]!.type,
    });
  };
}

/** A list of whole numbers that are known now. */
function isSizes(value: Value): value is ConstantValue {
  return value.kind === "constant" && value.tensor.shape.length === 1 && (value.tensor.type === "int32" || value.tensor.type === "int64");
}

const pad: Rule = (operation) => {
  const value = computedInput(operation, 0, "the input");
  const paddings = integerInput(operation, 1, "the paddings");
  const order = value.layout === "channelsFirst" ? toChannelsFirst : value.shape.map((_, axis) => axis);
  const pads = [...order.map((axis) => paddings[2 * axis]!), ...order.map((axis) => paddings[2 * axis + 1]!)];
  const shape = value.shape.map((size, axis) => grow(operation, size, paddings[2 * axis]! + paddings[2 * axis + 1]!));
  const inputs = [value.name, operation.builder.integers(pads), ...fillerOf(operation, value.type)];
  return emit(operation, "Pad", inputs, shape, { layout: value.layout, type: value.type });
};

/** A number of the padded type; none where zeros of another type than float32 fill. */
function fillerOf(operation: Operation, type: ElementType): string[] {
  const filler = operation.inputs.length > 2 ? constantInput(operation, 2, "the filler") : undefined;
  if (type === "float32") return [operation.builder.scalar(Number(filler?.data[0] ?? 0))];
  if (filler === undefined) return [];
  if (filler.type !== type) throw unsupported(operation.node, `fills ${type} with ${filler.type}`);
  return [operation.builder.constant({ ...filler, shape: [] }, `${operation.node.name}/filler`)];
}

function grow({ node }: Operation, size: Dimension, by: number): Dimension {
  if (by === 0) return size;
  if (typeof size === "number") return size + by;
  throw unsupported(node, `pads the free size ${size}`);
}

const transpose: Rule = (operation) => {
  const value = computedInput(operation, 0, "the input");
  const order = integerInput(operation, 1, "the order of axes");
  const shape = order.map((axis) => value.shape[axis]!);
  const attributes = { perm: attribute.ints(order) };
  return emit(operation, "Transpose", [rowMajor(operation, value)], shape, { attributes, type: value.type });
};

/** All that is computed with fractions is computed with 32 bits. */
const castTypes = {
  DT_FLOAT: "float32",
  DT_HALF: "float32",
  DT_DOUBLE: "float32",
  DT_INT32: "int32",
  DT_INT64: "int64",
  DT_UINT8: "uint8",
  DT_BOOL: "bool",
} as const;

const cast: Rule = (operation) => {
  const name = attributeOf(operation.node, "DstT", "type") ?? "";
  const type = Object.entries(castTypes).find(([key]) => key === name)?.[1];
  if (type === undefined) throw unsupported(operation.node, `casting to ${name} is not read`);
  const input = operation.inputs[0];
  if (input?.kind === "constant" && type === "float32") {
    return constantOf({ type, shape: input.tensor.shape, data: Float32Array.from(input.tensor.data, Number) });
  }
  const value = computedInput(operation, 0, "the input");
  return castTo(operation, value, type);
};

/**
 * Weights of 8 bits, which graph transforms leave. For bytes the ways MIN_COMBINED and MIN_FIRST are one: 0 is the smallest number, 255 the
 * largest.
 */
const dequantize: Rule = (operation) => {
  const { node } = operation;
  const mode = attributeOf(node, "mode", "string") ?? "MIN_COMBINED";
  const codes = constantInput(operation, 0, "what was quantised");
  const [low, high] = [1, 2].map((index) => Number(constantInput(operation, index, "a limit").data[0]));
  const isRead = codes.type === "uint8" && (mode === "MIN_COMBINED" || mode === "MIN_FIRST");
  if (!isRead) throw unsupported(node, `${codes.type} in the way ${mode} is not read`);
  const data = Float32Array.from(codes.data, (code) => low! + (code * (high! - low!)) / 255);
  return constantOf({ type: "float32", shape: codes.shape, data });
};

/**
 * What a caller may feed in place of its default. What the network computes goes on: so retrain.py lets features be fed. A number, such as
 * whether the network is in training, keeps its default.
 */
const placeholderWithDefault: Rule = ({ node, inputs: [value] }) => {
  if (value === undefined) throw unsupported(node, "has no default");
  if (value.kind === "computed" || value.tensor.data.length === 1) return value;
  throw unsupported(node, "its default is many numbers: name it as the input");
};

/** Operations that move numbers, or change what they are. */
export const shapeRules: Readonly<Record<string, Rule>> = {
  Reshape: reshape,
  ExpandDims: expandDims,
  Squeeze: squeeze,
  ConcatV2: concatenation("last"),
  Concat: concatenation("first"),
  Pad: pad,
  PadV2: pad,
  Transpose: transpose,
  Cast: cast,
  Dequantize: dequantize,
  PlaceholderWithDefault: placeholderWithDefault,
  Shape: shapeOf,
  Pack: pack,
  Prod: product,
};
