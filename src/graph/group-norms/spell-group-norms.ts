import { type Tensor, TensorFaceError } from "../../core/index.ts";
import { attribute } from "../attributes.ts";
import { createGraphBuilder, type GraphBuilder } from "../builder.ts";
import type { Graph, GraphNode } from "../model.ts";
import { floatAttribute, integerAttribute } from "../shape-rule.ts";
import { operatorName } from "../shapes.ts";

/** The first opset whose scale and bias are one for each channel; before they were one for each group. */
const perChannelSince = 21;

/**
 * Writes each `GroupNormalization` as `InstanceNormalization` of its groups, whose numbers are right. ONNX Runtime takes the variance for the mean of squares
 * less the square of the mean, in single precision: where a group is bright and nearly even the difference is rounding, and below zero it is
 * NaN. The values have the same names as before; the batch and all sizes may be free. Half precision (`stash_type` 10) is computed in single.
 * @throws {TF_GRAPH_INVALID} for a node that does not say how many groups it has
 */
export function spellOutGroupNorms(graph: Graph): Graph {
  const isGroupNorm = (node: GraphNode): boolean => operatorName(node) === "GroupNormalization";
  if (!graph.nodes.some(isGroupNorm)) return graph;
  const builder = createGraphBuilder(graph.name, { ...graph, nodes: [], outputs: [] });
  // What is added must not take the names of what still comes.
  for (const name of graph.nodes.flatMap((node) => [node.name, ...node.outputs])) builder.unique(name);
  const isPerChannel = (graph.opsets[""] ?? 0) >= perChannelSince;
  for (const node of graph.nodes) {
    if (isGroupNorm(node)) spellOut(node, builder, { isPerChannel, scale: graph.initializers.get(node.inputs[1] ?? "") });
    else builder.node(node);
  }
  return { ...builder.build(), outputs: graph.outputs };
}

interface Meaning {
  readonly isPerChannel: boolean;
  /** Undefined where it is computed. */
  readonly scale: Tensor | undefined;
}

function spellOut(node: GraphNode, builder: GraphBuilder, { isPerChannel, scale: known }: Meaning): void {
  const [x = "", scale = "", bias = ""] = node.inputs;
  const groups = integerAttribute(node, "num_groups", 0);
  if (groups < 1) throw new TensorFaceError("TF_GRAPH_INVALID", `node "${node.name}" (${node.op}) does not say its groups`);
  const op = (operation: string, inputs: readonly string[], attributes: GraphNode["attributes"] = {}): string =>
    builder.op(operation, inputs, attributes, { name: `spelled ${node.name}` });
  const each = (value: number): string =>
    builder.constant({ type: "float32", shape: [groups], data: new Float32Array(groups).fill(value) }, `spelled ${node.name}/${value}`);
  const grouped = op("Reshape", [x, builder.integers([0, groups, -1])]);
  const affine = isPerChannel ? [each(1), each(0)] : [scale, bias];
  const even = op("InstanceNormalization", [grouped, ...affine], { epsilon: attribute.float(floatAttribute(node, "epsilon", 1e-5)) });
  const channels = (): string => {
    const sizes =
      known === undefined
        ? op("Concat", [builder.integers([0]), op("Shape", [scale]), builder.integers([-1])], { axis: attribute.int(0) })
        : builder.integers([0, known.shape[0] ?? 1, -1]);
    const column = (value: string): string => op("Reshape", [value, builder.integers([1, -1, 1])]);
    return op("Add", [op("Mul", [op("Reshape", [even, sizes]), column(scale)]), column(bias)]);
  };
  const result = isPerChannel ? channels() : even;
  builder.node({ name: node.name, op: "Reshape", inputs: [result, op("Shape", [x])], outputs: [node.outputs[0]!], attributes: {} });
}
