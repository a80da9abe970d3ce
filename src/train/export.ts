import { createRandom, elementCount, type Float32Tensor, float32Tensor, TensorFaceError } from "../core/index.ts";
import { encodeModel } from "../graph/index.ts";
import { type HeadManifest, headManifestSchema } from "../models/manifest.ts";
import type { InferenceRuntime } from "../runtime/runtime.ts";
import { inferenceGraph, inputShape, type Network, type Weights } from "./network.ts";

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
  const [exported, trained] = [bytes, encodeModel(inferenceGraph(network, weights, { fold: false }))].map(async (model) =>
    runOnce(runtime, model, samples),
  );
  const largestDifference = difference(await exported!, await trained!);
  if (!(largestDifference <= exportTolerance)) {
    throw new TensorFaceError(
      "TF_GRAPH_INVALID",
      `the exported network differs from the trained one by ${largestDifference}, more than ${exportTolerance}`,
    );
  }
  return { bytes, largestDifference };
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
  // Compared where every machine can: other devices round differently.
  const device = runtime.devices.includes("cpu") ? "cpu" : undefined;
  await using session = await runtime.load(model, { device });
  const outputs = await session.run({ input });
  return Object.values(outputs).flatMap(({ data }) => Array.from(data, Number));
}

function difference(a: readonly number[], b: readonly number[]): number {
  const scale = Math.max(1, ...a.map(Math.abs));
  return Math.max(...a.map((value, index) => Math.abs(value - b[index]!))) / scale;
}

export interface ManifestDescription extends Pick<HeadManifest, "id" | "title" | "template" | "provenance"> {
  /** ONNX file's name beside the manifest. @default `${id}.onnx` */
  readonly file?: string | undefined;
  /** What each head tells. */
  readonly outputs: readonly Pick<HeadManifest["outputs"][number], "task" | "output" | "labels">[];
}

/**
 * The manifest of an exported network.
 * @throws {TF_INVALID_ARGUMENT} for a network on features: its backbone is not in the file
 */
export async function createManifest(network: Network, bytes: Uint8Array, description: ManifestDescription): Promise<HeadManifest> {
  const { input } = network.definition;
  if (input.kind !== "picture") throw new TensorFaceError("TF_INVALID_ARGUMENT", "only a network on pictures has a manifest of its own");
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)));
  return headManifestSchema.parse({
    schema: "tensorface.model/1",
    kind: "head",
    ...description,
    file: description.file ?? `${description.id}.onnx`,
    bytes: bytes.length,
    sha256: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""),
    input: {
      name: "input",
      width: input.width,
      height: input.height,
      colour: input.channels === 1 ? "grey" : "rgb",
      mean: input.mean,
      standardDeviation: input.standardDeviation,
    },
    outputs: description.outputs.map((output) => ({ ...output, activation: "softmax" })),
  });
}
