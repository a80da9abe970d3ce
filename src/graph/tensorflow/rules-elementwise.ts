import { elementCount, type Tensor } from "../../core/index.ts";
import { attribute } from "../attributes.ts";
import type { Attribute, Dimension } from "../model.ts";
import { attributeOf, unsupported } from "./node.ts";
import {
  channelsFirst,
  type ComputedValue,
  computedInput,
  constantInput,
  constantOf,
  emit,
  floatData,
  type Operation,
  rowMajor,
  type Rule,
  toChannelsFirst,
  transposeConstant,
  type Value,
} from "./operation.ts";

/** The input as it is: such operations say something to TensorFlow alone. */
const passThrough: Rule = ({ node, inputs }) => {
  if (inputs[0] === undefined) throw unsupported(node, "has no input");
  return inputs[0];
};

function unary(op: string, attributes: (operation: Operation) => Readonly<Record<string, Attribute>> = () => ({})): Rule {
  return (operation) => {
    const { name, shape, layout, type } = computedInput(operation, 0, "the input");
    return emit(operation, op, [name], shape, { attributes: attributes(operation), layout, type });
  };
}

/** An operation that is done here on numbers that are known now, as in the normalizations of frozen graphs. */
function foldable(compute: (value: number) => number, otherwise: Rule): Rule {
  return (operation) => {
    const [input] = operation.inputs;
    if (input?.kind !== "constant" || input.tensor.type !== "float32") return otherwise(operation);
    return constantOf({ ...input.tensor, data: input.tensor.data.map(compute) });
  };
}

const inverseRoot: Rule = (operation) => {
  const root = unary("Sqrt")(operation);
  return unary("Reciprocal")({ ...operation, inputs: [root] });
};

const square: Rule = (operation) => combine(operation, "Mul", operation.inputs[0]!, operation.inputs[0]!);

function clip(operation: Operation, value: ComputedValue, low: number, high: number): ComputedValue {
  const { builder } = operation;
  const { name, shape, layout } = value;
  return emit(operation, "Clip", [name, builder.scalar(low), builder.scalar(high)], shape, { layout });
}

/** The ONNX operation, and how it is done on numbers that are known now. */
function binary(op: string, compute: (a: number, b: number) => number): Rule {
  return (operation) => {
    const [a, b] = operation.inputs;
    if (a === undefined || b === undefined) throw unsupported(operation.node, "needs two inputs");
    const folded = a.kind === "constant" && b.kind === "constant" ? foldBinary(a.tensor, b.tensor, compute) : undefined;
    return folded === undefined ? combine(operation, op, a, b) : constantOf(folded);
  };
}

/** Only what graphs really do: the same shape but for ones before it, or one number against many. */
function foldBinary(a: Tensor, b: Tensor, compute: (a: number, b: number) => number): Tensor | undefined {
  if (a.type !== "float32" || b.type !== "float32") return undefined;
  const large = elementCount(a.shape) >= elementCount(b.shape) ? a : b;
  const isPairwise =
    a.data.length === 1 || b.data.length === 1 || withoutLeadingOnes(a.shape).join() === withoutLeadingOnes(b.shape).join();
  if (!isPairwise) return undefined;
  const at = (tensor: typeof a, index: number): number => tensor.data[tensor.data.length === 1 ? 0 : index]!;
  const data = large.data.map((_, index) => compute(at(a, index), at(b, index)));
  return { type: "float32", shape: large.shape, data };
}

function withoutLeadingOnes(shape: readonly number[]): readonly number[] {
  const first = shape.findIndex((size) => size !== 1);
  return first === -1 ? [] : shape.slice(first);
}

/** Adds the operation in the layout that either side already has. */
function combine(operation: Operation, op: string, a: Value, b: Value): ComputedValue {
  const shape = broadcastShape(operation, shapeOf(a), shapeOf(b));
  const isTurned = [a, b].some((value) => value.kind === "computed" && value.layout === "channelsFirst");
  const operand = (value: Value): string => (isTurned ? channelsFirstOperand(operation, value) : rowMajorOperand(operation, value));
  return emit(operation, op, [operand(a), operand(b)], shape, {
    layout: isTurned ? "channelsFirst" : "rowMajor",
    type: a.kind === "constant" ? a.tensor.type : a.type,
  });
}

function shapeOf(value: Value): readonly Dimension[] {
  return value.kind === "constant" ? value.tensor.shape : value.shape;
}

function broadcastShape({ node }: Operation, a: readonly Dimension[], b: readonly Dimension[]): Dimension[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const first = a[axis - rank + a.length] ?? 1;
    const second = b[axis - rank + b.length] ?? 1;
    if (first !== second && first !== 1 && second !== 1 && typeof first === "number" && typeof second === "number") {
      throw unsupported(node, `shapes [${a.join(", ")}] and [${b.join(", ")}] do not fit`);
    }
    return first === 1 ? second : first;
  });
}

function rowMajorOperand(operation: Operation, value: Value): string {
  if (value.kind === "computed") return rowMajor(operation, value);
  return constantOperand(operation, value.tensor);
}

function channelsFirstOperand(operation: Operation, value: Value): string {
  if (value.kind === "constant") return constantOperand(operation, alignConstant(operation, value.tensor));
  if (value.shape.length === 4) return channelsFirst(operation, value);
  throw unsupported(operation.node, `combines rank 4 with the computed shape [${value.shape.join(", ")}]`);
}

function constantOperand({ builder, node }: Operation, tensor: Tensor): string {
  if (tensor.type === "float32" && tensor.data.length === 1) return builder.scalar(tensor.data[0]!);
  return builder.constant(tensor, `${node.name}/constant`);
}

/** A constant that is broadcast over channels-last values, for channels-first ones: `[C]` becomes `[C, 1, 1]`. */
export function alignConstant(operation: Operation, tensor: Tensor): Tensor {
  if (tensor.data.length === 1 || tensor.shape.length > 4) return tensor;
  const shape = [1, 1, 1, 1, ...tensor.shape].slice(-4);
  const data = transposeConstant(floatData(operation, tensor, "a constant"), shape, toChannelsFirst);
  const turned = toChannelsFirst.map((axis) => shape[axis]!);
  return { type: "float32", shape: turned[0] === 1 ? turned.slice(1) : turned, data };
}

const prelu: Rule = (operation) => withPrelu(operation, computedInput(operation, 0, "the input"), 1);

function withPrelu(operation: Operation, value: ComputedValue, slopeIndex: number): ComputedValue {
  const slope = constantInput(operation, slopeIndex, "the slope");
  const isTurned = value.layout === "channelsFirst";
  const operand = constantOperand(operation, isTurned ? alignConstant(operation, slope) : slope);
  return emit(operation, "PRelu", [value.name, operand], value.shape, { layout: value.layout });
}

const alpha = (operation: Operation): Readonly<Record<string, Attribute>> => ({
  alpha: attribute.float(attributeOf(operation.node, "alpha", "number") ?? 0.2),
});

/**
 * What TensorFlow fused behind a convolution or a matrix product, in order: a bias, an activation.
 * The bias is the third input, the slope of Prelu the fourth.
 */
export function applyFusedOps(operation: Operation, value: ComputedValue): ComputedValue {
  const fused = attributeOf(operation.node, "fused_ops", "strings") ?? [];
  return fused.reduce((result, op) => fusedOp(operation, op, result), value);
}

function fusedOp(operation: Operation, op: string, value: ComputedValue): ComputedValue {
  const { name, shape, layout } = value;
  switch (op) {
    case "BiasAdd":
      return combine(operation, "Add", value, constantOf(constantInput(operation, 2, "the bias")));
    case "Relu":
    case "Elu":
    case "Sigmoid":
      return emit(operation, op, [name], shape, { layout });
    case "Relu6":
      return clip(operation, value, 0, 6);
    case "Prelu":
      return withPrelu(operation, value, 3);
    case "LeakyRelu":
      return emit(operation, op, [name], shape, {
        layout,
        attributes: { alpha: attribute.float(attributeOf(operation.node, "leakyrelu_alpha", "number") ?? 0.2) },
      });
    default:
      throw unsupported(operation.node, `the fused operation ${op} has no rule`);
  }
}

/** Operations on each number by itself. */
export const elementwiseRules: Readonly<Record<string, Rule>> = {
  Identity: passThrough,
  CheckNumerics: passThrough,
  StopGradient: passThrough,
  PreventGradient: passThrough,
  Snapshot: passThrough,
  Add: binary("Add", (a, b) => a + b),
  AddV2: binary("Add", (a, b) => a + b),
  BiasAdd: binary("Add", (a, b) => a + b),
  Sub: binary("Sub", (a, b) => a - b),
  Mul: binary("Mul", (a, b) => a * b),
  RealDiv: binary("Div", (a, b) => a / b),
  Div: binary("Div", (a, b) => a / b),
  Minimum: binary("Min", Math.min),
  Maximum: binary("Max", Math.max),
  Relu: unary("Relu"),
  Relu6: (operation) => clip(operation, computedInput(operation, 0, "the input"), 0, 6),
  Elu: unary("Elu"),
  LeakyRelu: unary("LeakyRelu", alpha),
  Prelu: prelu,
  Selu: unary("Selu"),
  Sigmoid: unary("Sigmoid"),
  Softplus: unary("Softplus"),
  Softsign: unary("Softsign"),
  Tanh: unary("Tanh"),
  Erf: unary("Erf"),
  Exp: unary("Exp"),
  Log: unary("Log"),
  Sqrt: foldable(Math.sqrt, unary("Sqrt")),
  Rsqrt: foldable((value) => 1 / Math.sqrt(value), inverseRoot),
  Reciprocal: foldable((value) => 1 / value, unary("Reciprocal")),
  Square: foldable((value) => value * value, square),
  Neg: foldable((value) => -value, unary("Neg")),
  Abs: unary("Abs"),
};
