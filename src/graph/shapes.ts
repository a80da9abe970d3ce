import { type ElementType, TensorFaceError, type Tensor } from "../core/index.ts";
import { evaluateNode } from "./evaluate.ts";
import type { Graph, GraphNode } from "./model.ts";
import { defaultOpset } from "./onnx.ts";
import { invalid, type ValueType } from "./shape-rule.ts";
import { shapeRules } from "./shapes-rules.ts";

export interface InferredValues {
  /** The type of every value. */
  readonly types: Map<string, ValueType>;
  /** The constants, and the short lists that follow from constants and shapes: sizes and axes. */
  readonly constants: Map<string, Tensor>;
}

/**
 * The type of every value of a graph whose inputs have fixed sizes.
 * @throws {TF_GRAPH_UNSUPPORTED_OP} for an operation without a rule
 * @throws {TF_GRAPH_INVALID} for another opset, free sizes, unknown values and shapes that do not fit
 */
export function inferShapes(graph: Graph): Map<string, ValueType> {
  return inferValues(graph).types;
}

/** As {@link inferShapes}, with the numbers that are known. */
export function inferValues(graph: Graph): InferredValues {
  const opset = graph.opsets[""] ?? defaultOpset;
  if (opset !== defaultOpset)
    throw new TensorFaceError(
      "TF_GRAPH_INVALID",
      `shapes are known for opset ${defaultOpset}, the graph speaks ${opset}; convert it first`,
    );
  const types = new Map<string, ValueType>();
  const constants = new Map(graph.initializers);
  for (const [name, tensor] of graph.initializers) types.set(name, { type: tensor.type, shape: tensor.shape });
  for (const input of graph.inputs) {
    if (input.isShapeUnknown === true) throw new TensorFaceError("TF_GRAPH_INVALID", `input "${input.name}" does not say its shape`);
    types.set(input.name, fixedType(input.name, input.type, input.shape));
  }
  for (const node of graph.nodes) {
    const results = inferNode(node, types, constants);
    for (const [index, output] of node.outputs.entries()) {
      const result = results[index];
      if (output === "") continue;
      if (result === undefined) throw unruled(node, `output ${index} of`);
      types.set(output, result);
    }
    const value = evaluateNode(node, constants, types);
    if (value !== undefined) constants.set(node.outputs[0]!, value);
  }
  return { types, constants };
}

/** The types of one node's outputs. @throws as {@link inferShapes} */
export function inferNode(
  node: GraphNode,
  types: ReadonlyMap<string, ValueType>,
  constants: ReadonlyMap<string, Tensor>,
): readonly ValueType[] {
  const rule = shapeRules[operatorName(node)];
  if (rule === undefined) throw unruled(node, "operation");
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
    value: () => evaluateNode(node, constants, types),
  });
}

function unruled(node: GraphNode, what: string): TensorFaceError {
  return new TensorFaceError("TF_GRAPH_UNSUPPORTED_OP", `node "${node.name}": no shape rule for ${what} ${operatorName(node)}`);
}

/** `Conv`, or `com.microsoft.FusedMatMul` outside the default domain. */
export function operatorName(node: GraphNode): string {
  return node.domain === undefined || node.domain === "" ? node.op : `${node.domain}.${node.op}`;
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
