import { join } from "node:path";
import { type HeadAnswer, runHead, toAgeDistribution } from "../classify/index.ts";
import { createRandom, elementCount, type Float32Tensor, float32Tensor, softmax, TensorFaceError } from "../core/index.ts";
import { writeInLockedFolder, writeNewFolder } from "../files/files.node.ts";
import { encodeModel, readCurrent } from "../graph/index.ts";
import { type HeadManifest, type HeadOutput, outputKind, seesFaces } from "../models/index.ts";
import type { InferenceRuntime } from "../runtime/index.ts";
import { calibratedGraph, logitsOutput, pictureInput, scalingOf } from "./calibrated-graph.ts";

/** Largest difference of a probability between a head and what is written of it. */
export const transformersTolerance = 1e-4;

/** A folder that `@huggingface/transformers` opens, by the paths of its files. */
export interface TransformersFolder {
  readonly task: string;
  readonly files: ReadonlyMap<string, string | Uint8Array>;
}

export interface TransformersOptions {
  /** One of the tasks that the model tells. @default all of them */
  readonly task?: string | undefined;
}

/**
 * A model in the layout of transformers.js, for its pipeline "image-classification": a folder for each task that it tells. The network is
 * run and compared with the model before it is given.
 * @param bytes the model's ONNX file
 * @throws {TF_INVALID_ARGUMENT} when it tells no such task, or one that the pipeline has no answer for: tags and numbers
 * @throws {TF_GRAPH_INVALID | TF_GRAPH_UNSUPPORTED_OP} when the network has no form in the current opset, or answers otherwise there
 */
export async function exportForTransformers(
  runtime: InferenceRuntime,
  { manifest, bytes }: { readonly manifest: HeadManifest; readonly bytes: Uint8Array },
  { task }: TransformersOptions = {},
): Promise<TransformersFolder[]> {
  const outputs = manifest.outputs.filter((output) => task === undefined || output.task === task);
  if (outputs.length === 0) {
    const tasks = manifest.outputs.map((output) => output.task).join(", ");
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${manifest.id}" does not tell ${task}, only ${tasks}`);
  }
  for (const output of outputs) refuseUnanswerable(manifest, output);
  refuseOddSquare(manifest);
  const probe = await runProbe(runtime, manifest, bytes);
  const folders: TransformersFolder[] = [];
  for (const output of outputs) folders.push(await describeFolder(runtime, { manifest, bytes, output, probe }));
  return folders;
}

/** Writes the files of a folder that was made for them. @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} */
export async function writeTransformersFolder(folder: string, { files }: TransformersFolder): Promise<void> {
  for (const [name, content] of files) await writeInLockedFolder(join(folder, name), content);
}

/** A folder that was written, and the task that it tells. */
export interface WrittenTransformersFolder {
  readonly folder: string;
  readonly task: string;
}

/**
 * Writes a model in the layout of transformers.js: into `out` where it tells one task, else a folder for each below it.
 * @param out not there or empty
 * @throws {TF_MODEL_EXISTS} when there is something already
 * @throws the codes of {@link exportForTransformers}
 */
export async function writeTransformersFolders(
  runtime: InferenceRuntime,
  model: { readonly manifest: HeadManifest; readonly bytes: Uint8Array },
  out: string,
  options: TransformersOptions = {},
): Promise<WrittenTransformersFolder[]> {
  const folders = await exportForTransformers(runtime, model, options);
  const nameOf = (told: string): string => (folders.length === 1 ? "" : told);
  await writeNewFolder(
    out,
    async (folder) => {
      for (const each of folders) await writeTransformersFolder(join(folder, nameOf(each.task)), each);
    },
    "TF_MODEL_EXISTS",
  );
  return folders.map(({ task }) => ({ folder: join(out, nameOf(task)), task }));
}

function refuseUnanswerable({ id, outputs }: HeadManifest, output: HeadOutput): void {
  const kind = outputKind(output);
  if (kind !== "tags" && kind !== "number") return;
  const what = kind === "tags" ? "tags, each a probability by itself" : "a number";
  const other = outputs.some((each) => !["tags", "number"].includes(outputKind(each)));
  throw new TensorFaceError(
    "TF_INVALID_ARGUMENT",
    `"${id}" tells ${output.task} as ${what}; transformers.js makes one softmax of all scores, so its answers would be others`,
    {
      hint: `${other ? "Name another task with --task, or take" : "Take"} the plain ONNX file: \`tensorface models export ${id} --out FILE\`.`,
    },
  );
}

/** It shrinks a picture by its shorter side and cuts the middle: the same region as ours for squares alone. */
function refuseOddSquare({ id, fit, input: { width, height } }: HeadManifest): void {
  if (fit !== "middle" || width === height) return;
  throw new TensorFaceError(
    "TF_INVALID_ARGUMENT",
    `"${id}" sees the middle ${width} x ${height} of a picture; transformers.js cuts out squares alone`,
  );
}

/** Pictures, and what the model says of them. */
interface Probe {
  /** `[2, 3, height, width]`, red, green, blue, 0..255. */
  readonly pictures: Float32Tensor;
  readonly answers: readonly (readonly HeadAnswer[])[];
  /** Numbers that the network gives of each picture, by output. */
  readonly columns: ReadonlyMap<string, number>;
}

async function runProbe(runtime: InferenceRuntime, manifest: HeadManifest, bytes: Uint8Array): Promise<Probe> {
  const { width, height } = manifest.input;
  const random = createRandom(5);
  const data = Float32Array.from({ length: 2 * 3 * width * height }, () => random.uniform() * 255);
  const pictures = float32Tensor([2, 3, height, width], data);
  await using network = await runtime.load(bytes);
  const crops = asInput(pictures, manifest.input);
  const outputs = await network.run({ [manifest.input.name]: crops });
  const columns = new Map(Object.entries(outputs).map(([name, tensor]) => [name, elementCount(tensor.shape) / 2]));
  return { pictures, columns, answers: await runHead({ manifest, network }, crops) };
}

/** The pictures as the head wants them. */
function asInput(
  { shape: [count = 0, , height = 0, width = 0], data }: Float32Tensor,
  { colour, mean, standardDeviation }: HeadManifest["input"],
): Float32Tensor {
  const plane = width * height;
  const channels = colour === "grey" ? 1 : 3;
  const of = (picture: number, channel: number, pixel: number): number => data[(picture * 3 + channel) * plane + pixel]!;
  const value = (picture: number, channel: number, pixel: number): number => {
    if (colour === "grey") return 0.299 * of(picture, 0, pixel) + 0.587 * of(picture, 1, pixel) + 0.114 * of(picture, 2, pixel);
    return of(picture, colour === "bgr" ? 2 - channel : channel, pixel);
  };
  const numbers = Float32Array.from({ length: count * channels * plane }, (_, index) => {
    const channel = Math.floor(index / plane) % channels;
    const picture = Math.floor(index / (plane * channels));
    return (value(picture, channel, index % plane) - (mean[channel] ?? mean[0]!)) / (standardDeviation[channel] ?? standardDeviation[0]!);
  });
  return float32Tensor([count, channels, height, width], numbers);
}

interface FolderJob {
  readonly manifest: HeadManifest;
  readonly bytes: Uint8Array;
  readonly output: HeadOutput;
  readonly probe: Probe;
}

async function describeFolder(runtime: InferenceRuntime, { manifest, bytes, output, probe }: FolderJob): Promise<TransformersFolder> {
  const columns = probe.columns.get(output.output) ?? output.labels.length;
  const network = encodeModel(calibratedGraph(readCurrent(bytes).graph, manifest, { output, columns }));
  await compare(runtime, network, { manifest, output, probe });
  const files = new Map<string, string | Uint8Array>([
    ["config.json", json(configOf(output))],
    ["preprocessor_config.json", json(preprocessorOf(manifest))],
    ["onnx/model.onnx", network],
    ["labels.txt", `${output.labels.join("\n")}\n`],
    ["README.md", renderReadme(manifest, output)],
  ]);
  return { task: output.task, files };
}

/** @throws {TF_GRAPH_INVALID} when what transformers.js will say is another answer */
async function compare(
  runtime: InferenceRuntime,
  network: Uint8Array,
  { manifest, output, probe }: Omit<FolderJob, "bytes">,
): Promise<void> {
  const { mean, standardDeviation } = scalingOf(manifest.input);
  const plane = manifest.input.width * manifest.input.height;
  const values = probe.pictures.data.map((pixel, index) => {
    const channel = Math.floor(index / plane) % 3;
    return (pixel - mean[channel]!) / standardDeviation[channel]!;
  });
  await using session = await runtime.load(network);
  const results = await session.run({ [pictureInput]: float32Tensor(probe.pictures.shape, values) });
  const logits = Float64Array.from(results[logitsOutput]!.data, Number);
  for (const [picture, answers] of probe.answers.entries()) {
    const answer = answers.find(({ task }) => task === output.task);
    const scores = softmax(logits.subarray(picture * output.labels.length, (picture + 1) * output.labels.length));
    if (answer === undefined || !agrees(answer, scores, output))
      throw new TensorFaceError("TF_GRAPH_INVALID", `${output.task} of "${manifest.id}" would be told otherwise after its conversion`);
  }
}

function agrees(answer: HeadAnswer, scores: Float64Array, { labels }: HeadOutput): boolean {
  if (answer.kind === "number") return false;
  const isAge = answer.kind === "age";
  const [expected, actual] = isAge ? [answer.distribution, toAgeDistribution(scores, labels.map(Number))] : [answer.probabilities, scores];
  return expected.every((value, index) => Math.abs(value - actual[index]!) <= transformersTolerance);
}

/** Which architecture it is is not looked at, but the name must be one that transformers.js knows for pictures. */
const modelType = { model_type: "vit", architectures: ["ViTForImageClassification"] } as const;

function configOf({ labels }: HeadOutput): object {
  return {
    ...modelType,
    problem_type: "single_label_classification",
    num_labels: labels.length,
    id2label: Object.fromEntries(labels.map((label, index) => [index, label])),
    label2id: Object.fromEntries(labels.map((label, index) => [label, index])),
  };
}

/** Bits of Pillow's filters: Lanczos. In Node the others pick single pixels where a picture shrinks, and darken two of its edges where it is enlarged. */
const lanczos = 1;

function preprocessorOf({ input, fit }: HeadManifest): object {
  const { width, height } = input;
  const { mean, standardDeviation } = scalingOf(input);
  const size = { width, height };
  return {
    image_processor_type: "ViTImageProcessor",
    do_convert_rgb: true,
    do_resize: true,
    size: fit === "middle" ? { shortest_edge: width } : size,
    resample: lanczos,
    ...(fit === "middle" ? { do_center_crop: true, crop_size: size } : {}),
    do_rescale: true,
    rescale_factor: 1 / 255,
    do_normalize: true,
    image_mean: mean.map((value) => value / 255),
    image_std: standardDeviation.map((value) => value / 255),
  };
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function renderReadme(manifest: HeadManifest, output: HeadOutput): string {
  const { id, title, input, provenance } = manifest;
  const isAge = outputKind(output) === "age";
  const sees = seesFaces(manifest)
    ? `It sees faces that are cut out, ${input.width} x ${input.height} px; \`npx tensorface crop PICTURE --template ${id} --out faces\` cuts them (a model of your own that was not added is named by its path).`
    : `It sees whole pictures, and brings them to ${input.width} x ${input.height} px.`;
  return `---
library_name: transformers.js
pipeline_tag: image-classification
---

# ${id}

${title}. Written by TensorFace.

    import { pipeline } from "@huggingface/transformers";
    const classify = await pipeline("image-classification", "path/to/this/folder");
    console.log(await classify("picture.png", { top_k: ${isAge ? output.labels.length : Math.min(output.labels.length, 5)} }));

${sees}

The scores are the model's calibrated probabilities of ${output.task}.${isAge ? " Each label is an age in years; the apparent age is the mean of all of them by their scores." : ""}${manifest.novelty === undefined ? "" : " That a picture is none of these is not told here."}

Source: ${provenance.source}

Licence: ${provenance.licence}
`;
}
