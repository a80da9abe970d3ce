import type { Graph, GraphNode } from "../model.ts";

/** Drops nodes and constants that no output depends on. */
export function removeUnused(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    for (const input of node.inputs) needed.add(input);
    nodes.push(node);
  }
  const initializers = new Map([...graph.initializers].filter(([name]) => needed.has(name)));
  return { ...graph, nodes: nodes.toReversed(), initializers };
}

/**
 * Drops Identity nodes: whoever read one reads what it passed on. One that makes an output gives its name to the value before it,
 * unless that is an input, a constant or another output.
 */
export function removeIdentities(graph: Graph): Graph {
  const fixed = new Set([...graph.inputs, ...graph.outputs].map(({ name }) => name));
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const renamed = new Map<string, string>();
  const current = (name: string): string => {
    let last = name;
    for (let next = renamed.get(last); next !== undefined; next = renamed.get(last)) last = next;
    return last;
  };
  const kept = graph.nodes.filter(({ op, inputs, outputs: [made = ""] }) => {
    const source = current(inputs[0] ?? "");
    if (op !== "Identity") return true;
    if (!outputs.has(made)) {
      renamed.set(made, source);
      return false;
    }
    if (fixed.has(source) || graph.initializers.has(source)) return true;
    renamed.set(source, made);
    return false;
  });
  return { ...graph, nodes: kept.map((node) => renameValues(node, current)) };
}

function renameValues(node: GraphNode, rename: (name: string) => string): GraphNode {
  return { ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) };
}
