import {
  createRandom,
  elementCount,
  type Float32Tensor,
  float32Tensor,
  type TaskKind,
  type Tensor,
  TensorFaceError,
} from "../../core/index.ts";
import {
  chainGraphs,
  createGraphBuilder,
  encodeModel,
  type Graph,
  quantizedValues,
  quantizeGraph,
  roundWeights,
  type ValueRange,
} from "../../graph/index.ts";
import { type HeadManifest, headManifestSchema, type HeadOutput, type NetworkInput } from "../../models/index.ts";
import type { InferenceRuntime, InferenceSession } from "../../runtime/index.ts";
import { predictedClass } from "../run/validation-metrics.ts";
import { inferenceGraph, inputShape, type Network, type PixelInput, type Weights } from "../network/network.ts";

/** Largest difference of a logit between the network as trained and as exported. */
export const exportTolerance = 1e-5;

export interface ExportedNetwork {
  /** An ONNX file. Input `input`, one output of logits a head, both with a free batch size. */
  readonly bytes: Uint8Array;
  /** Largest difference of a logit from the network in memory, relative to the largest logit or 1. */
  readonly largestDifference: number;
}

export interface ExportOptions {
  /** Travels in the file. @default none */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Seed of the inputs that both are compared on. @default 0 */
  readonly seed?: number | undefined;
}

/**
 * Turns a trained network into an ONNX file for inference: batch norms folded, no dropout. The file is loaded and compared with
 * the network in memory before it is given.
 * @throws {TF_GRAPH_INVALID} when the two differ by more than {@link exportTolerance}
 */
export async function exportNetwork(
  runtime: InferenceRuntime,
  network: Network,
  weights: Weights,
  options: ExportOptions = {},
): Promise<ExportedNetwork> {
  const { seed = 0, metadata = {} } = options;
  const bytes = encodeModel(inferenceGraph(network, weights), { metadata });
  const samples = randomInputs(network, 4, seed);
  const [exported, trained] = await Promise.all(
    [bytes, encodeModel(inferenceGraph(network, weights, { fold: false }))].map(async (model) => runOnce(runtime, model, samples)),
  );
  return { bytes, largestDifference: checkDifference(exported!, trained!) };
}

export interface QuantizeOptions extends ExportOptions {
  /** Normalised batches `[N, C, H, W]` of typical pictures, a few hundred in all: they tell how large values between layers get. */
  readonly calibration: readonly Float32Tensor[];
  /** What the layers compute with: floats answer the same on every machine, integers are faster where the processor has products of them. @default "int8" */
  readonly activations?: "float" | "int8" | undefined;
  /** How heads are answered, where not as one of several classes. */
  readonly kinds?: ReadonlyMap<string, TaskKind> | undefined;
  /** Smallest share of the calibration pictures on which both networks must say the same, for every head. @default 0.8 */
  readonly agreement?: number | undefined;
}

export interface QuantizedNetwork extends ExportedNetwork {
  /**
   * Share of the calibration pictures on which the 8-bit network says what the float one says, by head: the same class, of tags each one
   * alike, a number within a tenth of how far the float network's numbers spread.
   */
  readonly agreement: Readonly<Record<string, number>>;
}

/**
 * Like {@link exportNetwork}, with 8-bit weights, a quarter of the size; and, unless told otherwise, 8-bit activations, faster where
 * the processor has integer products.
 * @throws {TF_GRAPH_INVALID} when a head's agreement with the float network is too small
 * @throws {TF_INVALID_ARGUMENT} for a network without convolutions
 */
export async function exportQuantizedNetwork(
  runtime: InferenceRuntime,
  network: Network,
  weights: Weights,
  { calibration, kinds = new Map(), activations = "int8", agreement: smallest = 0.8, ...options }: QuantizeOptions,
): Promise<QuantizedNetwork> {
  const { bytes: floatBytes, largestDifference } = await exportNetwork(runtime, network, weights, options);
  const graph = inferenceGraph(network, weights);
  if (quantizedValues(graph).length === 0)
    throw new TensorFaceError("TF_INVALID_ARGUMENT", "a network without convolutions has nothing that 8 bits would shorten");
  const { metadata = {} } = options;
  const bytes =
    activations === "float"
      ? encodeModel(roundWeights(graph), { metadata, compact: true })
      : encodeModel(quantizeGraph(graph, await measureRanges(runtime, graph, calibration)), { metadata });
  const agreement = await compareAnswers(runtime, [floatBytes, bytes], calibration, kinds);
  for (const [head, share] of Object.entries(agreement)) {
    if (share >= smallest) continue;
    throw new TensorFaceError(
      "TF_GRAPH_INVALID",
      `the 8-bit network says the same of ${head} as the float one on ${(100 * share).toFixed(1)} % of the calibration pictures only`,
    );
  }
  return { bytes, largestDifference, agreement };
}

/** Means over batches of the smallest and largest numbers: single outliers do not stretch the scale. */
async function measureRanges(
  runtime: InferenceRuntime,
  graph: Graph,
  batches: readonly Float32Tensor[],
): Promise<ReadonlyMap<string, ValueRange>> {
  const values = quantizedValues(graph);
  const builder = createGraphBuilder("calibration", { ...graph, outputs: [] });
  const probes = new Map(values.map((value, index) => [`probe ${index}`, value] as const));
  for (const [probe, value] of probes) builder.output(value, ["N", `C${probe}`, `H${probe}`, `W${probe}`], { name: probe });
  await using session = await loadOnCpu(runtime, encodeModel(builder.build()));
  const sums = new Map(values.map((value) => [value, { low: 0, high: 0 }]));
  for (const input of batches) {
    const outputs = await session.run({ input });
    for (const [probe, value] of probes) {
      const range = { low: Infinity, high: -Infinity };
      for (const number of outputs[probe]!.data) {
        range.low = Math.min(range.low, Number(number));
        range.high = Math.max(range.high, Number(number));
      }
      const sum = sums.get(value)!;
      sums.set(value, { low: sum.low + range.low, high: sum.high + range.high });
    }
  }
  return new Map([...sums].map(([value, { low, high }]) => [value, { low: low / batches.length, high: high / batches.length }]));
}

/** The share of samples on which two networks say the same, by output. */
// eslint-disable-next-line max-params -- which networks, on what, and how they answer
async function compareAnswers(
  runtime: InferenceRuntime,
  models: readonly [Uint8Array, Uint8Array],
  batches: readonly Float32Tensor[],
  kinds: ReadonlyMap<string, TaskKind>,
): Promise<Record<string, number>> {
  const [first, second] = [await answersTo(runtime, models[0], batches), await answersTo(runtime, models[1], batches)];
  return Object.fromEntries([...first].map(([name, answers]) => [name, shareAlike(kinds.get(name), answers, second.get(name)!)]));
}

/** The logits of each sample, by output. */
async function answersTo(
  runtime: InferenceRuntime,
  model: Uint8Array,
  batches: readonly Float32Tensor[],
): Promise<ReadonlyMap<string, readonly Logits[]>> {
  await using session = await loadOnCpu(runtime, model);
  const answers = new Map<string, Logits[]>();
  for (const input of batches) {
    for (const [name, output] of Object.entries(await session.run({ input })))
      answers.set(name, [...(answers.get(name) ?? []), ...rowsOf(output)]);
  }
  return answers;
}

type Logits = readonly number[];

function rowsOf({ shape, data }: Tensor): Logits[] {
  const [rows, columns] = [shape[0]!, shape[1]!];
  const numbers = Array.from(data, Number);
  return Array.from({ length: rows }, (_, row) => numbers.slice(row * columns, (row + 1) * columns));
}

/** Of the spread of numbers, how far one may be off and still count as the same. */
const sameNumber = 0.1;

/** The share of answers that are the same. @see QuantizedNetwork.agreement */
export function shareAlike(kind: TaskKind | undefined, answers: readonly Logits[], others: readonly Logits[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const pairs = answers.map((answer, index) => [answer, others[index]!] as const);
  if (kind === "tags") return mean(pairs.flatMap(([a, b]) => a.map((logit, tag) => Number(logit > 0 === b[tag]! > 0))));
  if (kind !== "number") return mean(pairs.map(([a, b]) => Number(predictedClass(a) === predictedClass(b))));
  const middle = mean(answers.map(([number]) => number!));
  const spread = Math.sqrt(mean(answers.map(([number]) => (number! - middle) ** 2)));
  return mean(pairs.map(([[a], [b]]) => Number(Math.abs(a! - b!) <= sameNumber * spread)));
}

/**
 * Puts a network on features behind the one that they come from: one file from pictures to logits. It is loaded and compared with
 * the two networks run one after the other before it is given.
 * @param input how the backbone wants its pictures
 * @throws {TF_GRAPH_INVALID} when they differ by more than {@link exportTolerance}
 */
export async function exportBehind(
  runtime: InferenceRuntime,
  { graph: backbone, input }: { readonly graph: Graph; readonly input: NetworkInput },
  network: Network,
  weights: Weights,
  { seed = 0, metadata = {} }: ExportOptions = {},
): Promise<ExportedNetwork> {
  const bytes = encodeModel(chainGraphs(backbone, inferenceGraph(network, weights)), { metadata });
  const samples = randomPictures(input, 4, seed);
  const exported = await runOnce(runtime, bytes, samples);
  const features = await runOnce(runtime, encodeModel(backbone), samples);
  const head = encodeModel(inferenceGraph(network, weights, { fold: false }));
  const trained = await runOnce(runtime, head, float32Tensor([4, features.length / 4], Float32Array.from(features)));
  return { bytes, largestDifference: checkDifference(exported, trained) };
}

/** Normalised pictures of noise. */
function randomPictures({ width, height, colour, mean, standardDeviation }: NetworkInput, count: number, seed: number): Float32Tensor {
  const random = createRandom(seed);
  const channels = colour === "grey" ? 1 : 3;
  const area = width * height;
  return float32Tensor(
    [count, channels, height, width],
    Float32Array.from({ length: count * channels * area }, (_, index) => {
      const channel = Math.floor(index / area) % channels;
      // One number may stand for all channels.
      return (random.integer(256) - (mean[channel] ?? mean[0]!)) / (standardDeviation[channel] ?? standardDeviation[0]!);
    }),
  );
}

/** Compared where every machine can: other devices round differently. */
async function loadOnCpu(runtime: InferenceRuntime, model: Uint8Array): Promise<InferenceSession> {
  return runtime.load(model, { device: runtime.devices.includes("cpu") ? "cpu" : undefined });
}

/** Normalised samples: standard normal numbers. */
function randomInputs(network: Network, count: number, seed: number): Float32Tensor {
  const random = createRandom(seed);
  const shape = [count, ...inputShape(network.definition)];
  return float32Tensor(
    shape,
    Float32Array.from({ length: elementCount(shape) }, () => random.normal()),
  );
}

/** Every output of a network, one after another. */
async function runOnce(runtime: InferenceRuntime, model: Uint8Array, input: Float32Tensor): Promise<number[]> {
  await using session = await loadOnCpu(runtime, model);
  // A network of others has its own name for its one input.
  const outputs = await session.run({ [session.inputs[0]!.name]: input });
  return Object.values(outputs).flatMap(({ data }) => Array.from(data, Number));
}

/** The largest difference, relative to the largest logit or 1. @throws {TF_GRAPH_INVALID} when it is too large */
function checkDifference(exported: readonly number[], trained: readonly number[]): number {
  const scale = Math.max(1, ...exported.map(Math.abs));
  const difference = Math.max(...exported.map((value, index) => Math.abs(value - trained[index]!))) / scale;
  if (difference <= exportTolerance) return difference;
  throw new TensorFaceError(
    "TF_GRAPH_INVALID",
    `the exported network differs from the trained one by ${difference}, more than ${exportTolerance}`,
  );
}

export interface ManifestDescription extends Pick<HeadManifest, "id" | "title" | "sees" | "template" | "provenance" | "flipAveraging"> {
  /** ONNX file's name beside the manifest. @default `${id}.onnx` */
  readonly file?: string | undefined;
  /** What each head tells. */
  readonly outputs: readonly (Pick<HeadOutput, "task" | "output" | "labels"> & Partial<HeadOutput>)[];
}

/** The manifest of an exported network. */
export async function createManifest(input: NetworkInput, bytes: Uint8Array, description: ManifestDescription): Promise<HeadManifest> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)));
  return headManifestSchema.parse({
    schema: "tensorface.model/1",
    kind: "head",
    ...description,
    file: description.file ?? `${description.id}.onnx`,
    bytes: bytes.length,
    sha256: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""),
    input,
    outputs: description.outputs.map((output) => ({ ...output, activation: output.activation ?? "softmax" })),
  });
}

/** How an exported network on pictures wants them. */
export function describeInput({ channels, width, height, mean, standardDeviation }: PixelInput): NetworkInput {
  const colour = channels === 1 ? "grey" : "rgb";
  return { name: "input", width, height, colour, mean: [...mean], standardDeviation: [...standardDeviation] };
}
