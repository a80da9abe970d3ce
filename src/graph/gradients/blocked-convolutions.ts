import { attribute } from "../attributes.ts";
import { createGraphBuilder, type GraphBuilder } from "../builder.ts";
import type { Graph, GraphNode } from "../model.ts";
import { integerAttribute, type ValueType } from "../shape-rule.ts";
import { inferShapes, operatorName } from "../shapes.ts";

/** The domain of ONNX Runtime's own operations on blocked channels. */
export const blockedDomain = "com.microsoft.nchwc";

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
  const write: Writer = { builder, name: (wish) => freshName(wish, later) };
  for (const node of graph.nodes) {
    if (!canBlock(node, types, block)) {
      builder.node(node);
      continue;
    }
    const [x, weights, ...bias] = node.inputs;
    const pixels = once(`pixels ${x}`, () => reorderPixels(x!, write));
    const filters = once(`filters ${weights}`, () => reorderFilters(weights!, types.get(weights!)!.shape, block, write));
    const result = write.name(`${node.name} blocked`);
    builder.node({ ...node, name: result, domain: blockedDomain, inputs: [pixels, filters, ...bias], outputs: [result] });
    const channels = attribute.int(types.get(weights!)!.shape[0]!);
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

interface Writer {
  readonly builder: GraphBuilder;
  readonly name: (wish: string) => string;
}

function canBlock(node: GraphNode, types: ReadonlyMap<string, ValueType>, block: number): boolean {
  if (operatorName(node) !== "Conv" || integerAttribute(node, "group", 1) !== 1) return false;
  const [outputs, inputs] = types.get(node.inputs[1]!)!.shape;
  return outputs! % block === 0 && inputs! % block === 0;
}

function reorderPixels(value: string, { builder, name }: Writer): string {
  const output = name(`${value} blocked`);
  builder.node({ name: output, op: "ReorderInput", domain: blockedDomain, inputs: [value], outputs: [output], attributes: {} });
  return output;
}

/** `[O, I, h, w]` to `[O / block, I / block, h, w, block of I, block of O]`, under the old shape. */
function reorderFilters(value: string, shape: readonly number[], block: number, { builder, name }: Writer): string {
  const [outputs, inputs, height, width] = shape;
  const node = (op: string, inputs: readonly string[], attributes: GraphNode["attributes"] = {}): string => {
    const output = name(`${value} ${op}`);
    builder.node({ name: output, op, inputs, outputs: [output], attributes });
    return output;
  };
  const split = node("Reshape", [value, builder.integers([outputs! / block, block, inputs! / block, block, height! * width!])]);
  const turned = node("Transpose", [split], { perm: attribute.ints([0, 2, 4, 3, 1]) });
  return node("Reshape", [turned, builder.integers(shape)]);
}

function freshName(wish: string, taken: Set<string>): string {
  let name = wish;
  for (let count = 1; taken.has(name); count++) name = `${wish} ${count}`;
  taken.add(name);
  return name;
}
