import { type ElementType, elementCount, type Tensor } from "../../core/index.ts";
import type { GraphBuilder } from "../builder.ts";
import { attribute } from "../attributes.ts";
import type { Attribute, Dimension } from "../model.ts";
import { elementTypeCodes } from "../onnx.ts";
import { invalid, type TensorFlowNode, unsupported } from "./node.ts";

/**
 * How TensorFlow's values stand in the ONNX graph. Shapes are always told in TensorFlow's order (batch, height, width, channels);
 * where the numbers lie is the layout. Convolutions want channels first, so a value of rank 4 is turned once, when the first of
 * them needs it, and stays so until an operation depends on the order.
 */
export type Value = ConstantValue | ComputedValue;

/** Known now: it becomes part of the graph only if a computation needs it. */
export interface ConstantValue {
  readonly kind: "constant";
  readonly tensor: Tensor;
}

export interface ComputedValue {
  readonly kind: "computed";
  /** Name in the ONNX graph. */
  readonly name: string;
  readonly type: ElementType;
  /** In TensorFlow's order. */
  readonly shape: readonly Dimension[];
  /** `channelsFirst` only for rank 4. */
  readonly layout: Layout;
}

export type Layout = "rowMajor" | "channelsFirst";

/** The ONNX graph in the making. */
export interface Target {
  readonly builder: GraphBuilder;
  /** Turned values by the name of what they were turned from, so that none is turned twice. */
  readonly turned: Map<string, string>;
}

/** A node under conversion, with what it reads and where it writes. */
export interface Operation extends Target {
  readonly node: TensorFlowNode;
  readonly inputs: readonly Value[];
}

/** Converts one operation. */
export type Rule = (operation: Operation) => Value;

export const toChannelsFirst = [0, 3, 1, 2] as const;
export const toChannelsLast = [0, 2, 3, 1] as const;

/** The name of `value`, which has rank 4, with its channels first. */
export function channelsFirst(target: Target, value: ComputedValue): string {
  return value.layout === "channelsFirst" ? value.name : turn(target, value.name, toChannelsFirst);
}

/** The input as a picture, and its name with channels first. @throws {TF_GRAPH_UNSUPPORTED_OP} when it has another rank than 4 */
export function pictureInput(operation: Operation): { readonly name: string; readonly value: ComputedValue } {
  const value = computedInput(operation, 0, "the input");
  if (value.shape.length !== 4) throw unsupported(operation.node, `needs rank 4, got [${value.shape.join(", ")}]`);
  return { name: channelsFirst(operation, value), value };
}

/** The name of `value` in TensorFlow's own order. */
export function rowMajor(operation: Target, value: ComputedValue): string {
  const isReshaped = hasSameOrder(value.shape) && isTarget(reshapeTarget(value.shape));
  return value.layout === "rowMajor" || isReshaped ? inOrder(operation, value) : turn(operation, value.name, toChannelsLast);
}

/** Both layouts hold the numbers in the same order: only the shape has to change. */
function inOrder(operation: Target, value: ComputedValue): string {
  if (value.layout === "rowMajor") return value.name;
  return operation.builder.op("Reshape", [value.name, operation.builder.integers(reshapeTarget(value.shape))]);
}

/** The name of a value whose numbers lie in TensorFlow's order, whatever shape ONNX gives it. For operations that reshape anyway. */
export function numbersInOrder(operation: Operation, value: ComputedValue): string {
  return hasSameOrder(value.shape) ? value.name : rowMajor(operation, value);
}

/** Turning moves no number where there is one channel or one pixel. */
function hasSameOrder(shape: readonly Dimension[]): boolean {
  return shape.length !== 4 || shape[3] === 1 || (shape[1] === 1 && shape[2] === 1);
}

/** What ONNX's Reshape takes: 0 keeps the first size where it is free and was the first `before`, -1 is found by the engine. */
export function reshapeTarget(shape: readonly Dimension[], before = shape): number[] {
  return shape.map((size, axis) => (typeof size === "number" ? size : axis === 0 && size === before[0] ? 0 : -1));
}

/** The engine finds one size. */
export function isTarget(target: readonly number[]): boolean {
  return target.filter((size) => size === -1).length <= 1;
}

function turn({ builder, turned }: Target, name: string, order: readonly number[]): string {
  const key = `${name} ${order.join(" ")}`;
  const result = turned.get(key) ?? builder.op("Transpose", [name], { perm: attribute.ints(order) });
  turned.set(key, result);
  return result;
}

/** The input as a constant. @throws {TF_GRAPH_UNSUPPORTED_OP} when it is computed */
export function constantInput(operation: Operation, index: number, what: string): Tensor {
  const value = inputOf(operation, index, what);
  if (value.kind === "constant") return value.tensor;
  throw unsupported(operation.node, `${what} must be a constant`);
}

/** The input as a list of whole numbers. @throws {TF_GRAPH_UNSUPPORTED_OP} when it is computed */
export function integerInput(operation: Operation, index: number, what: string): number[] {
  return Array.from(constantInput(operation, index, what).data, Number);
}

/** The input as a value of the graph; a constant becomes one. */
export function computedInput(operation: Operation, index: number, what: string): ComputedValue {
  return computed(operation, inputOf(operation, index, what));
}

function computed(operation: Operation, value: Value): ComputedValue {
  if (value.kind === "computed") return value;
  const { tensor } = value;
  const name = operation.builder.constant(tensor, `${operation.node.name}/constant`);
  return { kind: "computed", name, type: tensor.type, shape: tensor.shape, layout: "rowMajor" };
}

function inputOf(operation: Operation, index: number, what: string): Value {
  const value = operation.inputs[index];
  if (value === undefined) throw invalid(operation.node, `${what} (input ${index}) is missing`);
  return value;
}

export interface EmitOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** @default rowMajor */
  readonly layout?: Layout;
  /** @default float32 */
  readonly type?: ElementType;
}

/** Adds the ONNX operation that gives the node's value; `shape` in TensorFlow's order. */
export function emit(
  { builder, node }: Operation,
  op: string,
  inputs: readonly string[],
  shape: readonly Dimension[],
  { attributes = {}, layout = "rowMajor", type = "float32" }: EmitOptions = {},
): ComputedValue {
  return { kind: "computed", name: builder.op(op, inputs, attributes, { name: node.name }), type, shape, layout };
}

/** The value as numbers of another type. */
export function castTo(operation: Operation, value: ComputedValue, type: ElementType): ComputedValue {
  if (value.type === type) return value;
  const attributes = { to: attribute.int(elementTypeCodes[type]) };
  return emit(operation, "Cast", [value.name], value.shape, { attributes, type, layout: value.layout });
}

export function constantOf(tensor: Tensor): ConstantValue {
  return { kind: "constant", tensor };
}

/** A list of whole numbers. */
export function integersOf(values: readonly number[]): Tensor {
  return { type: "int32", shape: [values.length], data: Int32Array.from(values) };
}

/** The same numbers in another order of axes. */
export function transposeConstant(data: Float32Array, shape: readonly number[], order: readonly number[]): Float32Array {
  const strides = order.map((axis) => elementCount(shape.slice(axis + 1)));
  const sizes = order.map((axis) => shape[axis]!);
  const result = new Float32Array(data.length);
  const last = order.length - 1;
  let written = 0;
  const copy = (axis: number, source: number): void => {
    const [size, stride] = [sizes[axis]!, strides[axis]!];
    for (let index = 0; index < size; index++) {
      if (axis === last) result[written++] = data[source + index * stride]!;
      else copy(axis + 1, source + index * stride);
    }
  };
  if (order.length === 0) result.set(data);
  else copy(0, 0);
  return result;
}

/** The numbers of a constant that must be float32. */
export function floatData(operation: Operation, tensor: Tensor, what: string): Float32Array {
  if (tensor.type === "float32") return tensor.data;
  throw unsupported(operation.node, `${what} must be float32, got ${tensor.type}`);
}
