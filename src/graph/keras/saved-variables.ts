import type { Tensor } from "../../core/index.ts";
import type { Layer, LayersTopology } from "./topology.ts";

/** Gives variable `index` of a group such as `layers/conv2d_1/vars`; undefined where there is none. */
export type ReadVariable = (group: string, index: number) => Tensor | undefined;

/**
 * The weights of a model in Keras's `.weights.h5` layout, by name. There a layer goes by its class and its place among those of its class,
 * whatever it is called, and its variables by number: trainable ones in the order in which the layer makes them, then the others.
 */
export function* savedVariables(
  { layers }: LayersTopology,
  read: ReadVariable,
  within: { readonly group: string; readonly models: string } = { group: "", models: "" },
): Generator<[string, Tensor]> {
  const counts = new Map<string, number>();
  for (const layer of layers) {
    const stem = snakeCase(layer.className === "Model" ? "Functional" : layer.className);
    const count = counts.get(stem) ?? 0;
    counts.set(stem, count + 1);
    const group = `${within.group}layers/${count === 0 ? stem : `${stem}_${count}`}`;
    if (layer.model !== undefined)
      yield* savedVariables(layer.model, read, { group: `${group}/`, models: `${within.models}${layer.name}/` });
    for (const [index, name] of variableNames(layer).entries()) {
      const tensor = read(`${group}/vars`, index);
      if (tensor !== undefined) yield [`${within.models}${layer.name}/${name}`, tensor];
    }
  }
}

/** As Keras spells a class: `Conv2D` is `conv2d`, `BatchNormalization` is `batch_normalization`, `ReLU` is `re_lu`. */
function snakeCase(className: string): string {
  return className
    .replaceAll(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replaceAll(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

/** What a layer's variables are called, in their order; none for layers that have none. */
function variableNames({ className, config }: Layer): readonly string[] {
  const unless = (setting: string, name: string): string[] => (config[setting] === false ? [] : [name]);
  switch (className) {
    case "BatchNormalization":
      return [...unless("scale", "gamma"), ...unless("center", "beta"), "moving_mean", "moving_variance"];
    case "Conv2D":
    case "Dense":
    case "DepthwiseConv2D":
      return ["kernel", ...unless("use_bias", "bias")];
    case "SeparableConv2D":
      return ["depthwise_kernel", "pointwise_kernel", ...unless("use_bias", "bias")];
    case "Normalization":
      return config["mean"] === undefined || config["mean"] === null ? ["mean", "variance"] : [];
    case "PReLU":
      return ["alpha"];
    default:
      return [];
  }
}
