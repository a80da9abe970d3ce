import type { Graph, GraphNode } from "../graph/index.ts";

/** What stands between the features of a picture and the classes: layers that mix the numbers of one vector. */
const decidingOps = new Set(["Add", "Clip", "Gemm", "Identity", "MatMul", "Relu", "Sigmoid", "Softmax", "Tanh", "Elu"]);

/**
 * The value that the fully connected layers at a graph's end read: the features that the rest of the network makes of a picture.
 * Undefined where the output does not come from such layers.
 */
export function featuresBefore(graph: Graph, output: string): string | undefined {
  const makers = makersOf(graph);
  let value = output;
  let features: string | undefined;
  for (let node = makers.get(value); node !== undefined && decidingOps.has(node.op); node = makers.get(value)) {
    const next = node.inputs.find((input) => !isConstant(graph, makers, input));
    if (next === undefined) return features;
    value = next;
    if (node.op === "Gemm" || node.op === "MatMul") features = value;
  }
  return features;
}

/** What still has to be done to an output before it is probabilities: nothing behind a Softmax or a Sigmoid. */
export function activationOf(graph: Graph, output: string): "none" | "softmax" {
  const makers = makersOf(graph);
  let node = makers.get(output);
  while (node?.op === "Identity") node = makers.get(node.inputs[0]!);
  return node?.op === "Softmax" || node?.op === "Sigmoid" ? "none" : "softmax";
}

function makersOf(graph: Graph): ReadonlyMap<string, GraphNode> {
  return new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
}

/** Known before a picture is: an initializer, or what is unpacked from one. */
function isConstant(graph: Graph, makers: ReadonlyMap<string, GraphNode>, value: string): boolean {
  if (value === "" || graph.initializers.has(value)) return true;
  const maker = makers.get(value);
  return maker !== undefined && maker.inputs.every((input) => isConstant(graph, makers, input));
}
