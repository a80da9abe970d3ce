import { type ElementType, TensorFaceError, type Tensor } from "../core/index.ts";
import type { Graph, GraphNode } from "./model.ts";
import { shapeRules } from "./shapes-rules.ts";

/** Element type and sizes of one value. */
export interface ValueType {
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** What a shape rule may ask about its node. */
export interface ShapeQuery {
  readonly node: GraphNode;
  /** Types of the inputs, in order; an input that is left out is undefined. */
  readonly inputs: readonly (ValueType | undefined)[];
  /** The numbers of a constant integer input, or undefined where the input is left out. @throws {TF_GRAPH_INVALID} when it is not a constant */
  integers(index: number): readonly number[] | undefined;
}

export type ShapeRule = (query: ShapeQuery) => readonly ValueType[];

/**
 * The type of every value of a graph whose inputs have fixed sizes.
 * @throws {TF_GRAPH_UNSUPPORTED_OP} for an operation without a rule
 * @throws {TF_GRAPH_INVALID} for free sizes, unknown values and shapes that do not fit
 */
export function inferShapes(graph: Graph): Map<string, ValueType> {
  const types = new Map<string, ValueType>();
  for (const [name, tensor] of graph.initializers) types.set(name, { type: tensor.type, shape: tensor.shape });
  for (const input of graph.inputs) types.set(input.name, fixedType(input.name, input.type, input.shape));
  for (const node of graph.nodes) {
    const results = inferNode(node, types, graph.initializers);
    for (const [index, output] of node.outputs.entries()) if (output !== "") types.set(output, results[index]!);
  }
  return types;
}

/** The types of one node's outputs. @throws as {@link inferShapes} */
export function inferNode(
  node: GraphNode,
  types: ReadonlyMap<string, ValueType>,
  constants: ReadonlyMap<string, Tensor>,
): readonly ValueType[] {
  const rule = shapeRules[operatorName(node)];
  if (rule === undefined) {
    throw new TensorFaceError("TF_GRAPH_UNSUPPORTED_OP", `node "${node.name}": no shape rule for operation ${operatorName(node)}`);
  }
  const inputs = node.inputs.map((input) => {
    const type = types.get(input);
    if (type === undefined && input !== "") throw invalid(node, `reads "${input}", which nothing before it makes`);
    return type;
  });
  return rule({
    node,
    inputs,
    integers: (index) => {
      const input = node.inputs[index];
      if (input === undefined || input === "") return undefined;
      const tensor = constants.get(input);
      if (tensor === undefined) throw invalid(node, `needs "${input}" as a constant`);
      return Array.from(tensor.data, Number);
    },
  });
}

/** `Conv`, or `com.microsoft.FusedMatMul` outside the default domain. */
export function operatorName(node: GraphNode): string {
  return node.domain === undefined || node.domain === "" ? node.op : `${node.domain}.${node.op}`;
}

export function invalid(node: GraphNode, message: string): TensorFaceError {
  return new TensorFaceError("TF_GRAPH_INVALID", `node "${node.name}" (${node.op}) ${message}`);
}

function fixedType(name: string, type: string, shape: readonly (number | string)[]): ValueType {
  if (type === "float16" || type === "float64" || !isElementType(type)) {
    throw new TensorFaceError("TF_GRAPH_INVALID", `input "${name}" is ${type}, which has no shape rules here`);
  }
  const sizes = shape.map((size) => {
    if (typeof size === "number") return size;
    throw new TensorFaceError("TF_GRAPH_INVALID", `input "${name}" has the free size "${size}"; fix it first`);
  });
  return { type, shape: sizes };
}

function isElementType(type: string): type is ElementType {
  return ["float32", "uint8", "int8", "int32", "int64", "bool"].includes(type);
}

/** Reads attributes with their defaults. */
export function integerAttribute(node: GraphNode, name: string, fallback: number): number {
  const attribute = node.attributes[name];
  return attribute?.kind === "int" ? attribute.value : fallback;
}

export function floatAttribute(node: GraphNode, name: string, fallback: number): number {
  const attribute = node.attributes[name];
  return attribute?.kind === "float" ? attribute.value : fallback;
}

export function integersAttribute(node: GraphNode, name: string, fallback: readonly number[]): readonly number[] {
  const attribute = node.attributes[name];
  return attribute?.kind === "ints" ? attribute.value : fallback;
}

export function textAttribute(node: GraphNode, name: string, fallback: string): string {
  const attribute = node.attributes[name];
  return attribute?.kind === "string" ? attribute.value : fallback;
}

/** The shape that two operands have together (ONNX's and NumPy's broadcasting). */
export function broadcastShapes(node: GraphNode, ...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, index) => {
    const sizes = shapes.map((shape) => shape[shape.length - rank + index] ?? 1);
    const size = sizes.find((value) => value !== 1) ?? 1;
    if (sizes.some((value) => value !== 1 && value !== size))
      throw invalid(node, `cannot broadcast ${shapes.map((s) => `[${s.join()}]`).join(" with ")}`);
    return size;
  });
}
