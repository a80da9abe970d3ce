import { createHash } from "node:crypto";
import { basename, resolve } from "node:path";
import { builtInLabels, isTaskName, TensorFaceError } from "../core/index.ts";
import { packageVersion } from "../files/package.node.ts";
import { attribute, chainGraphs, createGraphBuilder, encodeModel, type Graph } from "../graph/index.ts";
import { type HeadManifest, headManifestSchema, makeModelFile } from "../models/index.ts";
import { idOf, taskNameOf } from "../retrain/lesson/index.ts";
import type { ClassicBackbone } from "./backbone.node.ts";
import type { ClassicHead } from "./head.ts";
import type { ImageList } from "./image-lists.ts";

/** What a network is described with. */
export interface ClassicModelOptions {
  readonly imageDir: string;
  readonly backbone: ClassicBackbone;
  readonly classes: readonly ImageList[];
  /** Name of the output of probabilities. */
  readonly finalTensorName: string;
  /** Whether a face is looked for in a picture and cut out. */
  readonly cutsFaces: boolean;
  /** Steps, rates and results, for its provenance. */
  readonly training: Readonly<Record<string, unknown>>;
}

/** The whole network with its manifest inside. */
export interface ClassicModel {
  readonly bytes: Uint8Array;
  readonly manifest: HeadManifest;
}

const unknownHash = "0".repeat(64);

/** The layer behind features, with its softmax. */
function headGraph({ weights, biases }: ClassicHead, finalTensorName: string): Graph {
  const builder = createGraphBuilder("classic");
  const [columns = 0, classes = 0] = weights.shape;
  const input = builder.input("features", ["N", columns]);
  const product = builder.op("MatMul", [input, builder.constant(weights, "final_weights")]);
  const logits = builder.op("Add", [product, builder.constant(biases, "final_biases")]);
  const probabilities = builder.op("Softmax", [logits], { axis: attribute.int(1) });
  builder.output(probabilities, ["N", classes], { name: finalTensorName });
  return builder.build();
}

/**
 * The backbone and the trained layer as one network that `analyze --model` and `label-image` take.
 * @throws {TF_INVALID_ARGUMENT} when the classes cannot be told apart by their labels
 */
export async function makeClassicModel(head: ClassicHead, options: ClassicModelOptions): Promise<ClassicModel> {
  const graph = chainGraphs(options.backbone.graph, headGraph(head, options.finalTensorName));
  const draft = describeClassicModel(options, graph.outputs[0]!.name);
  const bytes = await makeModelFile(encodeModel(graph, { compact: true, producerVersion: packageVersion() }), draft);
  return { bytes, manifest: { ...draft, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") } };
}

/**
 * The manifest of a network that may still have to be trained: whoever asks before learns early what cannot be described.
 * @param output the network's output of probabilities
 * @throws {TF_INVALID_ARGUMENT} when the classes cannot be told apart by their labels
 */
export function describeClassicModel(
  { imageDir, backbone, classes, cutsFaces, training }: ClassicModelOptions,
  output: string,
): HeadManifest {
  const name = basename(resolve(imageDir));
  const id = `${idOf(name)}-classic`;
  const labels = modelLabels(classes);
  const task = taskOf(name, labels, cutsFaces);
  const { mean, standardDeviation } = backbone.input;
  const described = headManifestSchema.safeParse({
    schema: "tensorface.model/1",
    id,
    title: `${task}: one layer by retrain.py's protocol, on ${backbone.id}`,
    file: `${id}.onnx`,
    bytes: 1,
    sha256: unknownHash,
    input: { ...backbone.input, mean: [...mean], standardDeviation: [...standardDeviation] },
    provenance: {
      source: `a layer trained by retrain.py's protocol with its user's examples, on ${backbone.id}`,
      licence: `of the examples: not stated; of the backbone: ${backbone.licence}`,
      training: { recipe: "retrain --classic", version: packageVersion(), backbone: backbone.key, ...training },
    },
    kind: "head",
    ...(cutsFaces ? { template: backbone.template } : { sees: "picture", fit: "stretch" }),
    outputs: [{ task, kind: "classes", output, activation: "none", labels }],
  });
  if (described.success) return described.data;
  const problems = described.error.issues.map(({ message }) => message).join("; ");
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `a network of these classes cannot be described: ${problems}`, {
    hint: "Rename the folders that the message names.",
  });
}

/** The labels without blanks around them, or, where these would be no names or the same, the folders' names. */
export function modelLabels(classes: readonly ImageList[]): string[] {
  const trimmed = classes.map(({ label }) => label.trim());
  if (!trimmed.includes("") && new Set(trimmed).size === trimmed.length) return trimmed;
  return classes.map(({ training, testing, validation }) => [...training, ...testing, ...validation][0]!.folder);
}

/** A built-in task where faces are cut out and all labels are words of it: whole pictures have neither gender nor mood. */
function taskOf(name: string, labels: readonly string[], cutsFaces: boolean): string {
  for (const task of cutsFaces ? (["gender", "mood"] as const) : []) {
    const words: readonly string[] = builtInLabels[task];
    if (labels.every((label) => words.includes(label))) return task;
  }
  const task = taskNameOf(name);
  return isTaskName(task) ? task : "own";
}
