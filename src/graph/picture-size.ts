import type { Graph } from "./model.ts";

/** Operations that do the same at every place of a map, however large it is. */
const local = new Set([
  "Add",
  "AveragePool",
  "BatchNormalization",
  "Clip",
  "Concat",
  "Conv",
  "HardSigmoid",
  "HardSwish",
  "Identity",
  "LeakyRelu",
  "MaxPool",
  "Mul",
  "PRelu",
  "Relu",
  "Sigmoid",
  "Sub",
]);

/**
 * A network of pictures as one that takes them at another size: where only such operations stand before a mean over all places as are the same at
 * each of them, so that it sees as before what is shown to it smaller.
 * @param size of its picture, in pixels
 * @returns `undefined` where anything depends on the size
 */
export function withPictureSize(graph: Graph, size: { readonly width: number; readonly height: number }): Graph | undefined {
  const [input, ...others] = graph.inputs;
  if (input?.shape.length !== 4 || others.length > 0) return undefined;
  const maps = new Set([input.name]);
  for (const { op, domain = "", inputs, outputs } of graph.nodes) {
    if (!inputs.some((name) => maps.has(name)) || (domain === "" && op === "GlobalAveragePool")) continue;
    if (domain !== "" || !local.has(op)) return undefined;
    for (const output of outputs) maps.add(output);
  }
  if (graph.outputs.some(({ name }) => maps.has(name))) return undefined;
  const [count, channels] = input.shape;
  return { ...graph, inputs: [{ ...input, shape: [count!, channels!, size.height, size.width] }] };
}
