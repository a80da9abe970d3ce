import { createGraphBuilder } from "./builder.ts";
import type { Graph, GraphNode } from "./model.ts";

/** What may stand between a head's last layer and the graph's output without changing what the layer reads. */
const passing = new Set(["Identity", "Softmax", "Sigmoid"]);

/** The fully connected layer that an output comes from. */
function lastLayer(makers: ReadonlyMap<string, GraphNode>, output: string): GraphNode | undefined {
  let node = makers.get(output);
  while (node !== undefined && passing.has(node.op)) node = makers.get(node.inputs[0]!);
  return node?.op === "Gemm" ? node : undefined;
}

/** The sizes of a constant, which the file may keep in fewer bytes: as codes of a list, or as halves (`compact.ts`). */
function constantShape(graph: Graph, makers: ReadonlyMap<string, GraphNode>, value: string): readonly number[] | undefined {
  let name = value;
  for (let maker = makers.get(name); maker?.op === "Gather" || maker?.op === "Cast"; maker = makers.get(name))
    name = maker.inputs[maker.op === "Gather" ? 1 : 0] ?? "";
  return graph.initializers.get(name)?.shape;
}

/**
 * A classifier that gives out what its heads read too: the features that its backbone makes of a picture.
 * @param name name of the new output, `[N, width]`
 * @param answers the outputs of its heads; others may read these. @default all outputs
 * @returns `undefined` where the answers do not all come from fully connected layers on one value
 */
export function exposeFeatures(
  graph: Graph,
  name: string,
  answers: readonly string[] = graph.outputs.map((output) => output.name),
): Graph | undefined {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const layers = answers.map((answer) => lastLayer(makers, answer));
  const [first] = layers;
  if (first === undefined || layers.some((layer) => layer?.inputs[0] !== first.inputs[0])) return undefined;
  const isTransposed = first.attributes["transB"]?.value === 1;
  const width = constantShape(graph, makers, first.inputs[1]!)?.[isTransposed ? 1 : 0];
  if (width === undefined) return undefined;
  const builder = createGraphBuilder(graph.name, graph);
  builder.output(first.inputs[0]!, ["N", width], { name });
  return builder.build();
}
