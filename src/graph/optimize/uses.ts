import type { Graph } from "../model.ts";

/** How often each value is read, by nodes and as an output of the graph. */
export function countUses(graph: Graph): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  const count = (name: string): unknown => uses.set(name, (uses.get(name) ?? 0) + 1);
  for (const node of graph.nodes) for (const input of node.inputs) count(input);
  for (const output of graph.outputs) count(output.name);
  return uses;
}
