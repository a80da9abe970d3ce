import { type Tensor, TensorFaceError } from "../../core/index.ts";

/**
 * Finds weights by what they are called and not by their place: a TensorFlow.js file has all trainable ones first, a `.h5` file
 * goes by layer. Names are `layer/weight`, at times behind the names of the models around it, at times with `:0` behind.
 * @throws {TF_GRAPH_INVALID} when two weights have one name: which of them a layer means is unknown
 */
export function weightsByLayer(weights: Iterable<readonly [string, Tensor]>): (layer: string, weight: string) => Tensor | undefined {
  const named = new Map<string, Tensor>();
  for (const [name, tensor] of weights) {
    const key = lastParts(name);
    if (named.has(key)) throw new TensorFaceError("TF_GRAPH_INVALID", `two weights are called "${key}"`);
    named.set(key, tensor);
  }
  return (layer, weight) => named.get(lastParts(`${layer}/${weight}`));
}

function lastParts(name: string): string {
  return name.replace(/:\d+$/, "").split("/").slice(-2).join("/");
}
