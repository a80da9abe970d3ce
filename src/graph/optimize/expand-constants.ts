import type { Float32Tensor, Tensor } from "../../core/index.ts";
import type { Graph, GraphNode } from "../model.ts";
import { elementTypeCodes } from "../onnx.ts";

/**
 * Writes out constants that a file keeps in fewer bytes (`encodeModel`'s `compact`): codes become the numbers of the list that they
 * point into, and half precision is float32 already. What is left has weights that any engine reads.
 */
export function expandConstants(graph: Graph): Graph {
  const initializers = new Map(graph.initializers);
  const stored = new Set<string>();
  const nodes = graph.nodes.filter((node) => {
    const value = expand(node, initializers);
    if (value === undefined) return true;
    initializers.set(node.outputs[0]!, value);
    for (const input of node.inputs) stored.add(input);
    return false;
  });
  const used = new Set([...nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ name }) => name)]);
  for (const name of stored) if (!used.has(name)) initializers.delete(name);
  return { ...graph, nodes, initializers };
}

function expand({ op, domain = "", inputs, attributes }: GraphNode, constants: ReadonlyMap<string, Tensor>): Tensor | undefined {
  const [first, second] = inputs.map((input) => constants.get(input));
  if (domain !== "" || first === undefined) return undefined;
  if (op === "Cast" && attributes["to"]?.kind === "int") return widened(first, attributes["to"].value);
  const isList = first.type === "float32" && first.shape.length === 1 && (attributes["axis"]?.value ?? 0) === 0;
  return op === "Gather" && isList && second !== undefined ? picked(first, second) : undefined;
}

function widened(tensor: Tensor, code: number): Tensor | undefined {
  if (tensor.type === "float32" && code === elementTypeCodes.float32) return tensor;
  if (tensor.type === "uint8" && code === elementTypeCodes.int32)
    return { type: "int32", shape: tensor.shape, data: Int32Array.from(tensor.data) };
  return undefined;
}

function picked({ data }: Float32Tensor, codes: Tensor): Float32Tensor | undefined {
  if (codes.type !== "int32" || codes.data.some((code) => code < 0 || code >= data.length)) return undefined;
  return { type: "float32", shape: codes.shape, data: Float32Array.from(codes.data, (code) => data[code]!) };
}
