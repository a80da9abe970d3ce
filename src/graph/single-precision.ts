import type { Attribute, Graph, GraphNode, ValueInfo } from "./model.ts";
import { elementTypeCodes } from "./onnx.ts";

/** The attribute that says by its code which type an operation makes. */
const typeAttributes: Readonly<Record<string, string>> = {
  Bernoulli: "dtype",
  Cast: "to",
  EyeLike: "dtype",
  RandomNormal: "dtype",
  RandomNormalLike: "dtype",
  RandomUniform: "dtype",
  RandomUniformLike: "dtype",
};

/**
 * A network that computes with halfs as one that computes with float32 alone, which holds every half exactly: it says what was meant, with
 * less rounding. Its constants are float32 already.
 */
export function inSinglePrecision<Part extends Pick<Graph, "nodes" | "inputs" | "outputs">>(graph: Part): Part {
  return { ...graph, nodes: graph.nodes.map(widenNode), inputs: graph.inputs.map(widenValue), outputs: graph.outputs.map(widenValue) };
}

/** Whether a node makes halfs of something else. */
export function makesHalfs({ op, attributes }: GraphNode): boolean {
  const type = attributes[typeAttributes[op] ?? ""];
  return type?.kind === "int" && type.value === elementTypeCodes.float16;
}

const singleCode: Attribute = { kind: "int", value: elementTypeCodes.float32 };

function widenNode(node: GraphNode): GraphNode {
  return makesHalfs(node) ? { ...node, attributes: { ...node.attributes, [typeAttributes[node.op]!]: singleCode } } : node;
}

function widenValue(value: ValueInfo): ValueInfo {
  return value.type === "float16" ? { ...value, type: "float32" } : value;
}
