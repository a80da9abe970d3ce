import { type ElementType, TensorFaceError, type Tensor } from "../core/index.ts";
import type { Graph, GraphNode } from "./model.ts";
import { invalid, type ValueType } from "./shape-rule.ts";
import { shapeRules } from "./shapes-rules.ts";

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
