import { elementCount, type Tensor } from "../../core/index.ts";
import { attribute } from "../attributes.ts";
import type { Dimension } from "../model.ts";
import { elementTypeCodes } from "../onnx.ts";
import { attributeOf, unsupported } from "./node.ts";
import {
  channelsFirst,
  type ComputedValue,
  computedInput,
  constantInput,
  constantOf,
  emit,
  integerInput,
  numbersInOrder,
  type Operation,
  reshapeTarget,
  rowMajor,
  type Rule,
  toChannelsFirst,
} from "./operation.ts";

const reshape: Rule = (operation) => {
  const target = integerInput(operation, 1, "the shape");
  const input = operation.inputs[0];
  if (input?.kind === "constant") return constantOf({ ...input.tensor, shape: inferConstantShape(input.tensor, target) });
  const value = computedInput(operation, 0, "the input");
  return reshaped(operation, value, resolveShape(value.shape, target));
};

function reshaped(operation: Operation, value: ComputedValue, shape: readonly Dimension[]): ComputedValue {
  const target = operation.builder.integers(reshapeTarget(shape));
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
  if (typeof batch !== "string" || !rest.every((size) => typeof size === "number")) return inferSize(shape, target);
  const perPicture = elementCount(rest.map(Number));
  const known = elementCount(others.filter((size) => size !== -1));
  const keepsBatch = (first === 1 || first === -1) && (others.includes(-1) ? first === 1 : known === perPicture);
  if (!keepsBatch) return target.map((size) => (size === -1 ? "M" : size));
  return [batch, ...others.map((size) => (size === -1 ? perPicture / known : size))];
}

function inferSize(shape: readonly Dimension[], target: readonly number[]): Dimension[] {
  if (!shape.every((size) => typeof size === "number")) return target.map((size) => (size === -1 ? "M" : size));
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
  return reshaped(
    operation,
    value,
    value.shape.filter((size, axis) => !isDropped(size, axis)),
  );
};

/** `ConcatV2` names the axis last, `Concat` first. */
function concatenation(axisAt: "first" | "last"): Rule {
  return (operation) => {
    const count = operation.inputs.length;
    const axisIndex = axisAt === "first" ? 0 : count - 1;
    const [listed = 0] = integerInput(operation, axisIndex, "the axis");
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
    });
  };
}

const pad: Rule = (operation) => {
  const value = computedInput(operation, 0, "the input");
  const paddings = integerInput(operation, 1, "the paddings");
  const filler = operation.inputs.length > 2 ? Number(constantInput(operation, 2, "the filler").data[0]) : 0;
  const order = value.layout === "channelsFirst" ? toChannelsFirst : value.shape.map((_, axis) => axis);
  const pads = [...order.map((axis) => paddings[2 * axis]!), ...order.map((axis) => paddings[2 * axis + 1]!)];
  const shape = value.shape.map((size, axis) => grow(operation, size, paddings[2 * axis]! + paddings[2 * axis + 1]!));
  const { builder } = operation;
  return emit(operation, "Pad", [value.name, builder.integers(pads), builder.scalar(filler)], shape, { layout: value.layout });
};

function grow({ node }: Operation, size: Dimension, by: number): Dimension {
  if (by === 0) return size;
  if (typeof size === "number") return size + by;
  throw unsupported(node, `pads the free size ${size}`);
}

const transpose: Rule = (operation) => {
  const value = computedInput(operation, 0, "the input");
  const order = integerInput(operation, 1, "the order of axes");
  const shape = order.map((axis) => value.shape[axis]!);
  return emit(operation, "Transpose", [rowMajor(operation, value)], shape, { attributes: { perm: attribute.ints(order) } });
};

const castTypes = {
  DT_FLOAT: "float32",
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
  if (value.type === type) return value;
  const attributes = { to: attribute.int(elementTypeCodes[type]) };
  return emit(operation, "Cast", [value.name], value.shape, { attributes, type, layout: value.layout });
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
};
