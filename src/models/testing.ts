import { type Float32Tensor, float32Tensor, type TaskDefinition } from "../core/index.ts";
import { attribute, createGraphBuilder, encodeModel } from "../graph/index.ts";
import { type HeadManifest, headManifestSchema, type ModelManifest } from "./manifest.ts";
import { type EmbeddedManifest, listedModel, makeModelFile } from "./model-file.ts";
import { findModel } from "./order.ts";
import type { ModelStore } from "./store.ts";

/** One task of each kind that is not built in: what every surface is tested with. */
export const drawnTasks = [
  { name: "glasses", kind: "classes", labels: ["glasses", "none"] },
  { name: "wears", kind: "tags", labels: ["hat", "scarf", "a mask, perhaps"] },
  { name: "age-group", kind: "ordered", labels: ["0-2", "4-6", "8-12", "15-20", "25-32", "38-43", "48-53", "60-100"] },
  { name: "rating", kind: "number", minimum: 1, maximum: 10, unit: "points" },
] as const satisfies readonly TaskDefinition[];

export interface DrawnModelOptions {
  readonly id?: string;
  readonly sees?: "face" | "picture";
  /** Distances of held-out examples: with them the network also gives the mean of all pixels, 0..1, as its distance. @default none */
  readonly quantiles?: readonly number[];
  readonly changes?: Readonly<Record<string, unknown>>;
}

const side = 8;
const point = (x: number, y: number) => ({ x, y });
const template = {
  landmarks: {
    leftEye: point(0.3, 0.4),
    rightEye: point(0.7, 0.4),
    nose: point(0.5, 0.6),
    leftMouth: point(0.35, 0.75),
    rightMouth: point(0.65, 0.75),
  },
  source: "drawn",
};

/** The manifest of a head that reads its answer off the mean colour: see {@link drawnNetwork}. */
export function drawnManifest(task: TaskDefinition, { id = `drawn-${task.kind}`, sees = "face", quantiles, changes }: DrawnModelOptions = {}): HeadManifest {
  const { name, kind, labels, minimum, maximum, unit } = task;
  const number = { activation: "none", minimum, maximum, unit, interval: { level: 0.8, low: -1.5, high: 0.5 } };
  return headManifestSchema.parse({
    schema: "tensorface.model/1",
    kind: "head",
    id,
    title: `tells ${name}`,
    file: `${id}.onnx`,
    bytes: 1,
    sha256: "0".repeat(64),
    input: { name: "picture", width: side, height: side, colour: "rgb", mean: [0], standardDeviation: [255] },
    provenance: { source: "drawn for a test", licence: "MIT" },
    sees,
    ...(sees === "face" ? { template } : {}),
    outputs: [{ task: name, kind, output: name, ...(kind === "number" ? number : { activation: kind === "tags" ? "sigmoid" : "softmax", labels }) }],
    ...(quantiles === undefined ? {} : { novelty: { output: "novelty", quantiles } }),
    ...changes,
  });
}

/**
 * A network of one layer on the mean colour, 0..1. Column k has the logit `8 * (channel k mod 3) - 4`, so that red says the first label; a
 * number is ten times red.
 */
export function drawnNetwork(manifest: HeadManifest): Uint8Array {
  const builder = createGraphBuilder("drawn");
  const input = builder.input(manifest.input.name, ["N", 3, manifest.input.height, manifest.input.width]);
  const mean = builder.op("ReduceMean", [input, builder.integers([2, 3])], { keepdims: attribute.int(0) });
  for (const { output, labels, kind } of manifest.outputs) {
    const { weights, bias } = kind === "number" ? numberLayer() : labelLayer(labels.length);
    const logits = builder.op("Add", [builder.op("MatMul", [mean, builder.constant(weights)]), builder.constant(bias)]);
    builder.output(logits, ["N", bias.shape[0]!], { name: output });
  }
  if (manifest.novelty !== undefined) {
    const distance = builder.op("ReduceMean", [mean, builder.integers([1])], { keepdims: attribute.int(1) });
    builder.output(distance, ["N", 1], { name: manifest.novelty.output });
  }
  return encodeModel(builder.build());
}

function labelLayer(count: number): { readonly weights: Float32Tensor; readonly bias: Float32Tensor } {
  const weights = Float32Array.from({ length: 3 * count }, (_, index) => (Math.floor(index / count) === (index % count) % 3 ? 8 : 0));
  return { weights: float32Tensor([3, count], weights), bias: float32Tensor([count], new Float32Array(count).fill(-4)) };
}

function numberLayer(): { readonly weights: Float32Tensor; readonly bias: Float32Tensor } {
  return { weights: float32Tensor([3, 1], Float32Array.of(10, 0, 0)), bias: float32Tensor([1]) };
}

/** A one-file model that tells `task`. */
export async function drawnModel(task: TaskDefinition, options: DrawnModelOptions = {}): Promise<Uint8Array> {
  const manifest: EmbeddedManifest & HeadManifest = drawnManifest(task, options);
  return makeModelFile(drawnNetwork(manifest), manifest);
}

/** A store of some manifests whose files are read as `read` says. */
export function fixedStore(manifests: readonly ModelManifest[], read: ModelStore["read"]): ModelStore {
  const open: ModelStore["open"] = async (id) => {
    if (typeof id !== "string") throw new TypeError("this store knows ids alone");
    return listedModel(findModel(manifests, id), read);
  };
  return { manifests: async () => manifests, read, open };
}
