import { TensorFaceError } from "../core/index.ts";
import { createGraphBuilder, type GraphBuilder } from "./builder.ts";
import type { Graph } from "./model.ts";
import { removeUnused } from "./optimize/remove.ts";
import { inferShapes } from "./shapes.ts";

/**
 * A graph that ends at one of its inner values: what that value does not need is dropped. Maps `[N, C, H, W]` become their means
 * `[N, C]`, so that the one output is a vector a sample.
 * @param output name of the new graph's only output, unless a value has it already
 * @throws {TF_GRAPH_INVALID} when there is no such value, or it is neither vectors nor maps
 */
export function truncateGraph(graph: Graph, value: string, output: string): { readonly graph: Graph; readonly size: number } {
  const shape = shapeOfOne(graph, value);
  const [, size, ...rest] = shape;
  if (size === undefined || (rest.length !== 0 && rest.length !== 2))
    throw new TensorFaceError("TF_GRAPH_INVALID", `value "${value}" is [${shape.join(", ")}]; expected a vector or maps for each picture`);
  const builder = createGraphBuilder(graph.name, { ...graph, outputs: [] });
  const vector = rest.length === 0 ? value : builder.op("Flatten", [builder.op("GlobalAveragePool", [value])]);
  builder.output(vector, ["N", size], { name: value === output ? output : builder.unique(output) });
  return { graph: removeUnused(builder.build()), size };
}

/** The sizes of a value for a batch of one. */
function shapeOfOne(graph: Graph, value: string): readonly number[] {
  const inputs = graph.inputs.map((input) => ({ ...input, shape: input.shape.map((size) => (typeof size === "string" ? 1 : size)) }));
  const type = inferShapes({ ...graph, inputs }).get(value);
  if (type === undefined) throw new TensorFaceError("TF_GRAPH_INVALID", `the graph has no value "${value}"`);
  return type.shape;
}

/**
 * Puts `second` behind `first`: its only input is `first`'s only output. Values of `second` whose names are taken get others, so
 * that its outputs are found by their place, not by their name.
 * @throws {TF_GRAPH_INVALID} when there is more than one value to connect, or the two speak different opsets
 */
export function chainGraphs(first: Graph, second: Graph): Graph {
  const [from, to] = [first.outputs, second.inputs].map((values) => (values.length === 1 ? values[0] : undefined));
  if (from === undefined || to === undefined)
    throw new TensorFaceError("TF_GRAPH_INVALID", "a chain needs one output of the first graph and one input of the second");
  const builder = createGraphBuilder(first.name, { ...first, outputs: [], opsets: { ...second.opsets, ...first.opsets } });
  const values = embedGraph(builder, second, from.name);
  for (const [index, { shape, type }] of second.outputs.entries()) builder.output(values[index]!, shape, { type });
  return builder.build();
}

/**
 * Adds a graph of one input to another, on a value that is there. Values whose names are taken get others.
 * @returns the names that its outputs have there, in their order
 * @throws {TF_GRAPH_INVALID} when it has more than one input, or speaks another opset
 */
export function embedGraph(builder: GraphBuilder, graph: Graph, input: string): readonly string[] {
  const [only, ...others] = graph.inputs;
  if (only === undefined || others.length > 0)
    throw new TensorFaceError("TF_GRAPH_INVALID", `graph "${graph.name}" has not one input but ${graph.inputs.length}`);
  const { opsets } = builder.build();
  const domain = Object.keys(graph.opsets).find((name) => (opsets[name] ?? graph.opsets[name]) !== graph.opsets[name]);
  if (domain !== undefined)
    throw new TensorFaceError("TF_GRAPH_INVALID", `the graphs speak opsets ${opsets[domain]} and ${graph.opsets[domain]} of "${domain}"`);
  const names = new Map([
    ["", ""],
    [only.name, input],
  ]);
  const rename = (name: string): string => {
    const known = names.get(name) ?? builder.unique(name);
    names.set(name, known);
    return known;
  };
  for (const [name, tensor] of graph.initializers) names.set(name, builder.constant(tensor, name));
  for (const node of graph.nodes) {
    const [inputs, outputs] = [node.inputs.map(rename), node.outputs.map(rename)];
    // A node has the name of its first output here, which is free as a name then; the engine wants names of nodes to differ too.
    builder.node({ ...node, name: outputs[0]!, inputs, outputs });
  }
  return graph.outputs.map(({ name }) => names.get(name)!);
}
