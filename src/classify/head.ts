import { type Float32Tensor, type Gender, genders, type Mood, moods, type Task, type Tensor, TensorFaceError } from "../core/index.ts";
import type { HeadManifest, HeadOutput } from "../models/manifest.ts";
import { toAgeDistribution } from "./age.ts";
import { averageProbabilities, toProbabilities } from "./probabilities.ts";

/** What a head needs of the runtime's sessions. */
interface HeadNetwork {
  run(feeds: Readonly<Record<string, Tensor>>, fetches?: readonly string[]): Promise<Record<string, Tensor>>;
}

/** A head's network with the manifest that explains it. */
export interface Head {
  readonly manifest: HeadManifest;
  readonly network: HeadNetwork;
}

/** What one output of a head says of one face, in a form that no longer depends on the network. */
export type HeadAnswer =
  | {
      readonly task: "age";
      /** `[101]`, one probability a year. */
      readonly distribution: Float64Array;
      /** See the manifest's `intervalMass`. */
      readonly intervalMass: number | undefined;
    }
  | { readonly task: "gender"; readonly probabilities: Float64Array; readonly labels: readonly Gender[] }
  | { readonly task: "mood"; readonly probabilities: Float64Array; readonly labels: readonly Mood[] };

export interface RunHeadOptions {
  /** Only these outputs of the network. @default all of the manifest */
  readonly tasks?: readonly Task[] | undefined;
  /** Average over each crop and its mirror image. @default as the manifest says */
  readonly flipAveraging?: boolean | undefined;
}

/**
 * Runs a head once over a batch of crops.
 * @param crops `[N, channels, height, width]` as the manifest's input says
 * @returns for each crop one answer for each output asked for
 * @throws {TF_SHAPE_MISMATCH} when the network's output is not what the manifest says
 */
export async function runHead(head: Head, crops: Float32Tensor, options: RunHeadOptions = {}): Promise<HeadAnswer[][]> {
  const outputs = head.manifest.outputs.filter(({ task }) => options.tasks?.includes(task) ?? true);
  const asSeen = await probabilitiesOf(head, outputs, crops);
  const isAveraged = options.flipAveraging ?? head.manifest.flipAveraging ?? false;
  const probabilities = isAveraged ? average(asSeen, await probabilitiesOf(head, outputs, mirrored(crops))) : asSeen;
  return probabilities.map((rows) => rows.map((row, index) => toAnswer(outputs[index]!, row)));
}

/** `[crop][output]`. */
async function probabilitiesOf(head: Head, outputs: readonly HeadOutput[], crops: Float32Tensor): Promise<Float64Array[][]> {
  const count = crops.shape[0]!;
  const results = await head.network.run(
    { [head.manifest.input.name]: crops },
    outputs.map(({ output }) => output),
  );
  const tables = outputs.map((output) => rowsOf(head, output, results[output.output], count));
  return Array.from({ length: count }, (_, face) => outputs.map((output, index) => toProbabilities(tables[index]![face]!, output)));
}

function rowsOf(head: Head, output: HeadOutput, tensor: Tensor | undefined, count: number): Float32Array[] {
  const columns = tensor === undefined ? 0 : tensor.data.length / count;
  const isOneColumn = columns === 1 && output.labels.length === 2;
  if (tensor?.type !== "float32" || (columns !== output.labels.length && !isOneColumn)) {
    const found = tensor === undefined ? "nothing" : `${tensor.type} [${tensor.shape.join(",")}]`;
    throw new TensorFaceError(
      "TF_SHAPE_MISMATCH",
      `output "${output.output}" of model "${head.manifest.id}" should be float32 [${count},${output.labels.length}], got ${found}`,
    );
  }
  const { data } = tensor;
  return Array.from({ length: count }, (_, face) => data.subarray(face * columns, (face + 1) * columns));
}

function average(a: readonly Float64Array[][], b: readonly Float64Array[][]): Float64Array[][] {
  return a.map((rows, face) => rows.map((row, index) => averageProbabilities(row, b[face]![index]!)));
}

/** The batch seen in a mirror. */
function mirrored(crops: Float32Tensor): Float32Tensor {
  const width = crops.shape[3]!;
  const data = new Float32Array(crops.data);
  for (let start = 0; start < data.length; start += width) data.subarray(start, start + width).reverse();
  return { ...crops, data };
}

function toAnswer({ task, labels, intervalMass }: HeadOutput, probabilities: Float64Array): HeadAnswer {
  if (task === "age") return { task, distribution: toAgeDistribution(probabilities, labels.map(Number)), intervalMass };
  if (task === "gender") return { task, probabilities, labels: knownLabels(labels, genders) };
  return { task, probabilities, labels: knownLabels(labels, moods) };
}

/**
 * Refuses a head whose manifest and task do not fit, before it answers anything.
 * @throws {TF_MODEL_INVALID} for labels that are not this product's words, ages that are not numbers, or a scaling of other labels
 */
export function checkHead({ id, outputs }: HeadManifest): void {
  for (const { task, labels, scaling } of outputs) {
    if (scaling !== undefined && (scaling.scale.length !== labels.length || scaling.bias.length !== labels.length))
      throw new TensorFaceError("TF_MODEL_INVALID", `model "${id}" scales other logits of ${task} than it has labels`);
    const words = task === "gender" ? genders : moods;
    const isKnown =
      task === "age" ? labels.every((label) => Number.isFinite(Number(label))) : knownLabels(labels, words).length === labels.length;
    if (!isKnown)
      throw new TensorFaceError("TF_MODEL_INVALID", `model "${id}" has labels that ${task} does not know: ${labels.join(", ")}`);
  }
}

function knownLabels<Label extends string>(labels: readonly string[], known: readonly Label[]): Label[] {
  return labels.flatMap((label) => known.filter((word) => word === label));
}
