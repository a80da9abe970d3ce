import { type Tensor, TensorFaceError } from "../../core/index.ts";

/** A weight, or how to read it: files hold numbers that no layer needs, of types that are not read. */
export type WeightSource = Tensor | (() => Tensor);

/** Where a layer stands: the names of the models around it, from outside in, and its own. */
export type LayerPath = readonly [...models: string[], layer: string];

/** The weight of a layer, or undefined where the file has none of that name. */
export type FindWeight = (path: LayerPath, weight: string) => Tensor | undefined;

interface NamedWeight {
  readonly name: string;
  readonly source: WeightSource;
}

/**
 * Finds weights by what they are called and not by their place: a TensorFlow.js file has all trainable ones first, a `.h5` file
 * goes by layer. Names are `layer/weight`, at times behind the names of the models around it, at times with `:0` behind. In a `.h5` file they
 * begin with the group of the outermost layer, which is its name; what follows TensorFlow 1 counted on where a model was built twice.
 * @returns finds the weight of a layer; throws {TF_GRAPH_INVALID} when two have its name: which of them the layer means is unknown
 */
export function weightsByLayer(weights: Iterable<readonly [string, WeightSource]>): FindWeight {
  const named = Array.from(weights, ([name, source]): NamedWeight => ({ name: name.replace(/:\d+$/, ""), source }));
  const byLast = Map.groupBy(named, ({ name }) => name.split("/").at(-1));
  return (path, weight) => {
    const called = byLast.get(weight) ?? [];
    const found = onlyOne(inGroup(called, path, weight)) ?? ofLayer(called, path, weight);
    return typeof found?.source === "function" ? found.source() : found?.source;
  };
}

function onlyOne(weights: readonly NamedWeight[]): NamedWeight | undefined {
  return weights.length === 1 ? weights[0] : undefined;
}

/** Those in the group of the outermost layer; where that is a model, the layer's own name still counts. */
function inGroup(weights: readonly NamedWeight[], path: LayerPath, weight: string): readonly NamedWeight[] {
  const own = path.length === 1 ? "" : `/${path.at(-1)!}/${weight}`;
  return weights.filter(({ name }) => name.startsWith(`${path[0]}/`) && name.endsWith(own));
}

function ofLayer(weights: readonly NamedWeight[], path: LayerPath, weight: string): NamedWeight | undefined {
  const key = lastParts(`${path.at(-1)!}/${weight}`);
  const called = weights.filter(({ name }) => lastParts(name) === key);
  const within = called.filter(({ name }) => path.slice(0, -1).every((model) => `/${name}`.includes(`/${model}/`)));
  const found = onlyOne(within) ?? onlyOne(called);
  if (found === undefined && called.length > 1) throw new TensorFaceError("TF_GRAPH_INVALID", `two weights are called "${key}"`);
  return found;
}

function lastParts(name: string): string {
  return name.split("/").slice(-2).join("/");
}
