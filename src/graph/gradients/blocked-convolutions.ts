import { attribute } from "../attributes.ts";
import { createGraphBuilder } from "../builder.ts";
import type { Graph, GraphNode } from "../model.ts";
import { integerAttribute, type ValueType } from "../shape-rule.ts";
import { inferShapes, operatorName } from "../shapes.ts";
import { blockedDomain, blockFilters, blockPixels, type BlockWriter } from "./blocked.ts";

/**
 * Gives convolutions to ONNX Runtime's kernels for blocked channels, `[N, C / block, H, W, block]`, which read pixels where they
 * are instead of copying each window first. The engine does so itself where weights are constants; in training they are not.
 * @param block channels that stand together, as the engine's CPU wants it: see `convolutionBlock` in `train`
 */
export function blockConvolutions(graph: Graph, block: number): Graph {
  const types = inferShapes(graph);
  const builder = createGraphBuilder(graph.name, { ...graph, nodes: [] });
  const blocked = new Map<string, string>();
  const once = (key: string, make: () => string): string => {
    const made = blocked.get(key) ?? make();
    blocked.set(key, made);
    return made;
  };
  // Names of later nodes must stay free, since those keep theirs.
  const later = new Set(graph.nodes.flatMap(({ name, outputs }) => [name, ...outputs]));
  const name = (wish: string): string => freshName(wish, later);
  const writer: BlockWriter = {
    integers: builder.integers,
    constant: builder.constant,
    op: (op, inputs, attributes = {}, domain = "") => {
      const output = name(`${inputs[0]} ${op}`);
      builder.node({ name: output, op, domain, inputs, outputs: [output], attributes });
      return output;
    },
  };
  for (const node of graph.nodes) {
    if (!canBlock(node, types, block)) {
      builder.node(node);
      continue;
    }
    const [x, weights, ...bias] = node.inputs;
    const [outputs, inputs, height, width] = types.get(weights!)!.shape;
    const shape = [outputs!, inputs!, height!, width!] as const;
    // Pictures of fewer channels than a block are read as they are.
    const pixels = shape[1] < block ? x! : once(`pixels ${x}`, () => blockPixels(x!, writer));
    const filters = once(`filters ${weights}`, () => blockFilters(weights!, shape, block, writer));
    const result = name(`${node.name} blocked`);
    builder.node({ ...node, name: result, domain: blockedDomain, inputs: [pixels, filters, ...bias], outputs: [result] });
    const channels = attribute.int(shape[0]);
    builder.node({
      name: node.name,
      op: "ReorderOutput",
      domain: blockedDomain,
      inputs: [result],
      outputs: node.outputs,
      attributes: { channels },
    });
  }
  return builder.build();
}

function canBlock(node: GraphNode, types: ReadonlyMap<string, ValueType>, block: number): boolean {
  if (operatorName(node) !== "Conv" || integerAttribute(node, "group", 1) !== 1) return false;
  const [outputs, inputs] = types.get(node.inputs[1]!)!.shape;
  return outputs! % block === 0 && (inputs! % block === 0 || inputs! < block);
}

function freshName(wish: string, taken: Set<string>): string {
  let name = wish;
  for (let count = 1; taken.has(name); count++) name = `${wish} ${count}`;
  taken.add(name);
  return name;
}
