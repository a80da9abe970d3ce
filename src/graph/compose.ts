import { TensorFaceError } from "../core/index.ts";
import { createGraphBuilder } from "./builder.ts";
import type { Graph } from "./model.ts";
import { removeUnused } from "./optimize/remove.ts";
import { inferShapes } from "./shapes.ts";

/**
 * A graph that ends at one of its inner values: what that value does not need is dropped. Maps `[N, C, H, W]` become their means
 * `[N, C]`, so that the one output is a vector a sample.
 * @param output name of the new graph's only output, unless a value has it already
 * @throws {TF_GRAPH_INVALID} when there is no such value, or it is neither vectors nor maps
 */
export function cutGraph(graph: Graph, value: string, output: string): { readonly graph: Graph; readonly size: number } {
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
  const domain = Object.keys(second.opsets).find((name) => (first.opsets[name] ?? second.opsets[name]) !== second.opsets[name]);
  if (domain !== undefined)
    throw new TensorFaceError(
      "TF_GRAPH_INVALID",
      `the graphs speak opsets ${first.opsets[domain]} and ${second.opsets[domain]} of "${domain}"`,
    );
  const builder = createGraphBuilder(first.name, { ...first, outputs: [], opsets: { ...second.opsets, ...first.opsets } });
  const names = new Map([
    ["", ""],
    [to.name, from.name],
  ]);
  const rename = (name: string): string => {
    const known = names.get(name) ?? builder.unique(name);
    names.set(name, known);
    return known;
  };
  for (const [name, tensor] of second.initializers) names.set(name, builder.constant(tensor, name));
  for (const node of second.nodes) {
    const [inputs, outputs] = [node.inputs.map(rename), node.outputs.map(rename)];
    // A node has the name of its first output here, which is free as a name then; the engine wants names of nodes to differ too.
    builder.node({ ...node, name: outputs[0]!, inputs, outputs });
  }
  for (const { name, shape, type } of second.outputs) builder.output(names.get(name)!, shape, { type });
  return builder.build();
}
