import { type Float32Tensor, float32Tensor, TensorFaceError } from "../../core/index.ts";
import { attribute, createGraphBuilder, encodeModel, type Graph } from "../../graph/index.ts";
import type { InferenceRuntime } from "../../runtime/index.ts";
import { inferenceGraph, initialWeights, type Network, type Weights } from "./network.ts";

/** Transfer learning: a network that begins with what another training learned. */

/**
 * The network with initial values from elsewhere. Heads may stay as they are, since they are what is new; a backbone is taken
 * whole, for half of one is a mistake in a name.
 * @throws {TF_CONFIG_INVALID} naming weights that have no place, another shape, or are missing in the backbone
 */
export function startFrom(network: Network, weights: Weights): Network {
  const places = new Map([...network.parameters, ...network.statistics].map(({ name, initial }) => [name, initial]));
  for (const [name, { shape }] of weights) {
    const place = places.get(name);
    if (place?.shape.join() === shape.join()) continue;
    throw misfit(`"${name}" is [${shape.join()}] there and ${place === undefined ? "nothing" : `[${place.shape.join()}]`} in the network`);
  }
  const missing = [...places.keys()].find((name) => name.startsWith("backbone.") && !weights.has(name));
  if (missing !== undefined) throw misfit(`they lack "${missing}"`);
  const begin = <Part extends { readonly name: string; readonly initial: Float32Tensor }>(part: Part): Part => ({
    ...part,
    initial: weights.get(part.name) ?? part.initial,
  });
  return { ...network, parameters: network.parameters.map(begin), statistics: network.statistics.map(begin) };
}

function misfit(what: string): TensorFaceError {
  return new TensorFaceError("TF_CONFIG_INVALID", `field "initial.weights": the weights do not fit the network: ${what}`);
}

/**
 * Gives every batch norm the statistics of the pictures, and changes its scale and bias so that the network
 * still computes the same. Norms of other makers have been frozen into a scale and a bias, or know other pictures; without this,
 * the first training step, which normalises with its own batch, would be a different network.
 * @param batches normalised pictures, `[N, C, H, W]`, or features, `[N, size]`; a few hundred in all
 */
export async function adaptNorms(runtime: InferenceRuntime, network: Network, batches: AsyncIterable<Float32Tensor>): Promise<Network> {
  const weights = initialWeights(network);
  const { graph, norms } = momentsGraph(network, weights);
  if (norms.length === 0) return network;
  await using session = await runtime.load(encodeModel(graph));
  const sums: { mean: Float64Array; square: Float64Array }[] = norms.map(() => ({
    mean: new Float64Array(0),
    square: new Float64Array(0),
  }));
  let count = 0;
  for await (const input of batches) {
    const outputs = await session.run({ input });
    const size = input.shape[0]!;
    for (const [index, sum] of sums.entries()) {
      sum.mean = addScaled(sum.mean, outputs[`mean ${index}`]!.data, size);
      sum.square = addScaled(sum.square, outputs[`square ${index}`]!.data, size);
    }
    count += size;
  }
  for (const [index, norm] of norms.entries()) {
    const mean = sums[index]!.mean.map((sum) => sum / count);
    const variance = sums[index]!.square.map((sum, channel) => Math.max(0, sum / count - mean[channel]! ** 2));
    for (const [part, tensor] of adaptedNorm(norm, weights, mean, variance)) weights.set(part, tensor);
  }
  return startFrom(network, weights);
}

interface Norm {
  readonly name: string;
  /** What it adds to a variance. */
  readonly epsilon: number;
}

/** The network without its heads' outputs: the mean and the mean square of what goes into each batch norm, a channel. */
function momentsGraph(network: Network, weights: Weights): { readonly graph: Graph; readonly norms: readonly Norm[] } {
  const whole = inferenceGraph(network, weights, { fold: false });
  const builder = createGraphBuilder("moments", { ...whole, outputs: [] });
  const nodes = whole.nodes.filter(({ op }) => op === "BatchNormalization");
  for (const [index, { inputs }] of nodes.entries()) {
    // Maps and vectors alike: all behind the channels is one axis, which vectors have too, with one number.
    const value = builder.op("Reshape", [inputs[0]!, builder.integers([0, 0, -1])]);
    const moment = (of: string): string => builder.op("ReduceMean", [of, builder.integers([0, 2])], { keepdims: attribute.int(0) });
    builder.output(moment(value), ["C"], { name: `mean ${index}` });
    builder.output(moment(builder.op("Mul", [value, value])), ["C"], { name: `square ${index}` });
  }
  const norms = nodes.map(({ inputs, attributes: { epsilon } }) => {
    if (epsilon?.kind !== "float") throw new TypeError("a batch norm is written with its epsilon");
    // The scale's name tells the norm's.
    return { name: inputs[1]!.slice(0, -".scale".length), epsilon: epsilon.value };
  });
  return { graph: builder.build(), norms };
}

/** A norm's four tensors with other statistics and the same effect. */
function adaptedNorm({ name, epsilon }: Norm, weights: Weights, mean: Float64Array, variance: Float64Array): [string, Float32Tensor][] {
  const old = (part: string): Float32Array => weights.get(`${name}.${part}`)!.data;
  const [scale, bias, oldMean, oldVariance] = [old("scale"), old("bias"), old("mean"), old("variance")];
  const factor = scale.map((value, channel) => value / Math.sqrt(oldVariance[channel]! + epsilon));
  const parts = {
    scale: factor.map((value, channel) => value * Math.sqrt(variance[channel]! + epsilon)),
    bias: bias.map((value, channel) => value + factor[channel]! * (mean[channel]! - oldMean[channel]!)),
    mean,
    variance,
  };
  return Object.entries(parts).map(([part, data]) => [`${name}.${part}`, float32Tensor([data.length], Float32Array.from(data))]);
}

function addScaled(sum: Float64Array, values: ArrayLike<number | bigint | boolean>, factor: number): Float64Array {
  return Float64Array.from(values, (value, index) => (sum[index] ?? 0) + Number(value) * factor);
}
