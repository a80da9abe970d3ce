import { attribute } from "../attributes.ts";
import { createGraphBuilder, type GraphBuilder } from "../builder.ts";
import type { Graph, GraphNode } from "../model.ts";
import { floatAttribute, integerAttribute, type ValueType } from "../shape-rule.ts";
import { inferShapes, operatorName } from "../shapes.ts";

/**
 * Writes batch normalisation in training mode as means, products and sums, for engines that know it only with fixed statistics: ONNX
 * Runtime on WebGPU and on most other devices but the processor. The values have the same names as before.
 */
export function spellOutNorms(graph: Graph): Graph {
  const types = inferShapes(graph);
  const isTraining = (node: GraphNode): boolean =>
    operatorName(node) === "BatchNormalization" && integerAttribute(node, "training_mode", 0) === 1;
  const builder = createGraphBuilder(graph.name, { ...graph, outputs: [], nodes: [] });
  for (const node of graph.nodes) {
    if (isTraining(node)) spellOut(node, types.get(node.inputs[0]!)!, builder);
    else builder.node(node);
  }
  return { ...builder.build(), outputs: graph.outputs };
}

function spellOut(node: GraphNode, { shape }: ValueType, builder: GraphBuilder): void {
  const [x, scale, bias] = node.inputs;
  const [y, mean, variance] = node.outputs;
  const channels = shape[1]!;
  const axes = builder.integers(shape.flatMap((_, axis) => (axis === 1 ? [] : [axis])));
  const perChannel = builder.integers([channels, ...shape.slice(2).map(() => 1)]);
  const op = (operation: string, inputs: readonly string[], attributes: GraphNode["attributes"] = {}): string =>
    builder.op(operation, inputs, attributes, { name: `spelled ${node.name}` });
  const average = (value: string): string => op("ReduceMean", [value, axes], { keepdims: attribute.int(1) });
  const keep = (value: string, output: string | undefined): void => {
    if (output === undefined) return;
    builder.node({ name: output, op: "Reshape", inputs: [value, builder.integers([channels])], outputs: [output], attributes: {} });
  };

  const centre = average(x!);
  const centred = op("Sub", [x!, centre]);
  const spread = average(op("Mul", [centred, centred]));
  const root = op("Sqrt", [op("Add", [spread, builder.scalar(floatAttribute(node, "epsilon", 1e-5))])]);
  const factor = op("Div", [op("Reshape", [scale!, perChannel]), root]);
  const product = op("Mul", [centred, factor]);
  builder.node({ name: node.name, op: "Add", inputs: [product, op("Reshape", [bias!, perChannel])], outputs: [y!], attributes: {} });
  keep(centre, mean);
  keep(spread, variance);
}
