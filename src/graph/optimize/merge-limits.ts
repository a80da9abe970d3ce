import type { Tensor } from "../../core/index.ts";
import type { Graph, GraphNode } from "../model.ts";
import { countUses } from "./uses.ts";

/** `min(max(x, low), high)`. */
interface Limits {
  readonly low: number;
  readonly high: number;
}

/**
 * Makes one operation of limits that follow each other: `Relu`, `Min` and `Max` with a number, `Clip`. Converted graphs write
 * `max(min(relu(x), 6), 0)`, three passes over memory; engines also fuse one Clip into the convolution before it.
 */
export function mergeLimits(graph: Graph): Graph {
  const uses = countUses(graph);
  const initializers = new Map(graph.initializers);
  const made = new Map<string, { readonly node: GraphNode; readonly source: string; readonly limits: Limits }>();
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes) {
    const own = limitsOf(node, graph.initializers);
    if (own === undefined) {
      nodes.push(node);
      continue;
    }
    const before = made.get(own.source);
    const merges = before !== undefined && uses.get(own.source) === 1;
    const limits = merges ? compose(before.limits, own.limits) : own.limits;
    const source = merges ? before.source : own.source;
    if (merges) nodes.splice(nodes.lastIndexOf(before.node), 1);
    const limited = limitNode(node, source, limits, initializers);
    nodes.push(limited);
    made.set(node.outputs[0]!, { node: limited, source, limits });
  }
  return { ...graph, nodes, initializers };
}

function compose(first: Limits, second: Limits): Limits {
  const limit = (value: number): number => Math.min(Math.max(value, second.low), second.high);
  return { low: limit(first.low), high: limit(first.high) };
}

function limitsOf(
  node: GraphNode,
  constants: ReadonlyMap<string, Tensor>,
): { readonly source: string; readonly limits: Limits } | undefined {
  const [source = ""] = node.inputs;
  const number = (index: number, missing: number): number | undefined => {
    const name = node.inputs[index] ?? "";
    const tensor = constants.get(name);
    if (name === "") return missing;
    return tensor?.type === "float32" && tensor.shape.length === 0 ? tensor.data[0] : undefined;
  };
  switch (node.op) {
    case "Relu":
      return { source, limits: { low: 0, high: Number.POSITIVE_INFINITY } };
    case "Clip":
      return build(source, number(1, Number.NEGATIVE_INFINITY), number(2, Number.POSITIVE_INFINITY));
    case "Max":
      return node.inputs.length === 2 ? build(source, number(1, Number.NaN), Number.POSITIVE_INFINITY) : undefined;
    case "Min":
      return node.inputs.length === 2 ? build(source, Number.NEGATIVE_INFINITY, number(1, Number.NaN)) : undefined;
    default:
      return undefined;
  }
}

function build(source: string, low: number | undefined, high: number | undefined): { source: string; limits: Limits } | undefined {
  return low === undefined || high === undefined ? undefined : { source, limits: { low, high } };
}

function limitNode(node: GraphNode, source: string, { low, high }: Limits, initializers: Map<string, Tensor>): GraphNode {
  const common = { name: node.name, outputs: node.outputs, attributes: {} };
  if (low === 0 && high === Number.POSITIVE_INFINITY) return { ...common, op: "Relu", inputs: [source] };
  const constant = (value: number): string => {
    const name = `scalar ${value}`;
    if (Number.isFinite(value)) initializers.set(name, { type: "float32", shape: [], data: Float32Array.of(value) });
    return Number.isFinite(value) ? name : "";
  };
  return { ...common, op: "Clip", inputs: [source, constant(low), constant(high)] };
}
