import { elementCount, type ElementType, type Tensor } from "../core/index.ts";
import type { GraphNode } from "./model.ts";
import { castTypes, integerAttribute, positive, type ValueType } from "./shape-rule.ts";

/**
 * The numbers of what follows from constants and shapes alone: lists of sizes and axes, as exporters compute them with Shape, Gather,
 * Concat and the like before a Reshape or Resize. Only short lists are computed; large constants stay what they are.
 */

/** Lists of sizes and axes have as many numbers as a value has axes; nothing that computes with pictures is meant. */
const longestList = 256;

type Evaluator = (node: GraphNode, inputs: readonly Tensor[]) => Tensor | undefined;

/**
 * The output of a node whose inputs are known, or undefined where it is not known or has no rule here.
 * @param types where shapes are known: what `Shape` gives
 */
export function evaluateNode(
  node: GraphNode,
  constants: ReadonlyMap<string, Tensor>,
  types?: ReadonlyMap<string, ValueType>,
): Tensor | undefined {
  if (node.domain !== undefined && node.domain !== "") return undefined;
  if (node.op === "Constant") return constantValue(node);
  if (node.op === "Shape" || node.op === "Size") {
    const type = types?.get(node.inputs[0] ?? "");
    return type && sizes(node, type.shape);
  }
  const evaluate = evaluators[node.op];
  if (evaluate === undefined) return undefined;
  const given = node.inputs.filter((input) => input !== "");
  const inputs = given.flatMap((input) => constants.get(input) ?? []);
  const isShort = inputs.every(({ data, shape }) => data.length <= longestList && shape.length <= 1);
  return isShort && inputs.length === given.length ? evaluate(node, inputs) : undefined;
}

function constantValue({ attributes }: GraphNode): Tensor | undefined {
  const { value, value_float: float, value_floats: floats, value_int: int, value_ints: ints } = attributes;
  if (value?.kind === "tensor") return value.value;
  if (float?.kind === "float") return { type: "float32", shape: [], data: Float32Array.of(float.value) };
  if (floats?.kind === "floats") return { type: "float32", shape: [floats.value.length], data: Float32Array.from(floats.value) };
  if (int?.kind === "int") return numbers("int64", [], [int.value]);
  return ints?.kind === "ints" ? numbers("int64", [ints.value.length], ints.value) : undefined;
}

function sizes(node: GraphNode, shape: readonly number[]): Tensor | undefined {
  if (node.op === "Size") return numbers("int64", [], [elementCount(shape)]);
  const start = integerAttribute(node, "start", 0);
  const end = node.attributes["end"]?.kind === "int" ? node.attributes["end"].value : shape.length;
  const range = shape.slice(start, end);
  return numbers("int64", [range.length], range);
}

/** A tensor of whole numbers or floats; undefined where a number does not fit. */
function numbers(type: ElementType, shape: readonly number[], values: readonly number[]): Tensor | undefined {
  if (type === "float32") return { type, shape, data: Float32Array.from(values) };
  if (!values.every(Number.isSafeInteger)) return undefined;
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- sizes and axes are of no other type
  switch (type) {
    case "int64":
      return { type, shape, data: BigInt64Array.from(values, BigInt) };
    case "int32":
      return values.every((value) => value === (value | 0)) ? { type, shape, data: Int32Array.from(values) } : undefined;
    case "bool":
      return { type, shape, data: Uint8Array.from(values, (value) => Number(value !== 0)) };
    default:
      return undefined;
  }
}

const plain = (tensor: Tensor): number[] => Array.from(tensor.data, Number);

/** Two lists of one length, or one number and a list. */
const pairwise =
  (compute: (a: number, b: number, isWhole: boolean) => number): Evaluator =>
  (_node, [a, b]) => {
    if (a === undefined || b === undefined) return undefined;
    const [left, right] = [plain(a), plain(b)];
    const length = left.length === 1 ? right.length : left.length;
    if (![left, right].every((list) => list.length === 1 || list.length === length)) return undefined;
    const at = (list: readonly number[], index: number): number => list[list.length === 1 ? 0 : index]!;
    const values = Array.from({ length }, (_, index) => compute(at(left, index), at(right, index), a.type !== "float32"));
    return numbers(a.type, a.shape.length >= b.shape.length ? (a.shape.length === 0 ? [] : [length]) : [length], values);
  };

const reshaped =
  (shapeOf: (tensor: Tensor) => readonly number[]): Evaluator =>
  (_node, [tensor]) =>
    tensor && { ...tensor, shape: shapeOf(tensor) };

const pick = (tensor: Tensor, shape: readonly number[], places: readonly number[]): Tensor | undefined => {
  const values = plain(tensor);
  return places.every((place) => place >= 0 && place < values.length)
    ? numbers(
        tensor.type,
        shape,
        places.map((place) => values[place]!),
      )
    : undefined;
};

const gather: Evaluator = (node, [tensor, indices]) => {
  if (tensor === undefined || indices === undefined || tensor.shape.length !== 1 || integerAttribute(node, "axis", 0) > 0) return undefined;
  return pick(
    tensor,
    indices.shape,
    plain(indices).map((index) => positive(index, tensor.data.length)),
  );
};

const concat: Evaluator = (_node, tensors) => {
  const [first] = tensors;
  if (first === undefined || tensors.some((tensor) => tensor.shape.length !== 1)) return undefined;
  const values = tensors.flatMap(plain);
  return numbers(first.type, [values.length], values);
};

const slice: Evaluator = (node, [tensor, starts, ends, axes, steps]) => {
  if (tensor?.shape.length !== 1 || node.inputs[3] === "" || starts?.data.length !== 1 || ends?.data.length !== 1) return undefined;
  if ((axes !== undefined && Number(axes.data[0]) > 0) || (steps !== undefined && Number(steps.data[0]) !== 1)) return undefined;
  const places = plain(tensor).map((_, place) => place);
  const taken = places.slice(Number(starts.data[0]), Number(ends.data[0]));
  return pick(tensor, [taken.length], taken);
};

const cast: Evaluator = (node, [tensor]) => {
  const type = castTypes[integerAttribute(node, "to", 1)];
  if (tensor === undefined || type === undefined) return undefined;
  return numbers(type, tensor.shape, type === "float32" ? plain(tensor) : plain(tensor).map(Math.trunc));
};

/** As a list or as one number, where that is what is asked for. */
function listOf(tensor: Tensor, shape: readonly number[]): Tensor | undefined {
  const { length } = tensor.data;
  if (shape.length === 0 && length === 1) return { ...tensor, shape };
  return shape.length === 1 && (shape[0] === -1 || shape[0] === length) ? { ...tensor, shape: [length] } : undefined;
}

const evaluators: Readonly<Record<string, Evaluator>> = {
  Identity: (_node, [tensor]) => tensor,
  Add: pairwise((a, b) => a + b),
  Sub: pairwise((a, b) => a - b),
  Mul: pairwise((a, b) => a * b),
  Div: pairwise((a, b, isWhole) => (isWhole ? Math.trunc(a / b) : a / b)),
  Max: (node, inputs) => (inputs.length === 2 ? pairwise((a, b) => Math.max(a, b))(node, inputs) : undefined),
  Floor: (_node, [tensor]) => tensor && numbers(tensor.type, tensor.shape, plain(tensor).map(Math.floor)),
  Ceil: (_node, [tensor]) => tensor && numbers(tensor.type, tensor.shape, plain(tensor).map(Math.ceil)),
  Cast: cast,
  Concat: concat,
  Gather: gather,
  Slice: slice,
  Reshape: (_node, [tensor, shape]) => tensor && shape && listOf(tensor, plain(shape)),
  Squeeze: reshaped(({ data }) => (data.length === 1 ? [] : [data.length])),
  Unsqueeze: (_node, [tensor]) => (tensor?.shape.length === 0 ? { ...tensor, shape: [1] } : undefined),
};
