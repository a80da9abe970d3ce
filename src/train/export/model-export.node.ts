import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import {
  ageCount,
  type BuiltInTask,
  counted,
  type FaceLandmarks,
  type Float32Tensor,
  genders,
  intervalLevel,
  isBuiltInTask,
  landmarksOf,
  moods,
  type Point,
  residualOffsets,
  type TaskDefinition,
  type Tensor,
  TensorFaceError,
  type VectorScaling,
} from "../../core/index.ts";
import { openDataset } from "../../datasets/dataset.node.ts";
import type { Cleaning } from "../../datasets/review/cleaned.node.ts";
import { readRegularFile } from "../../files/files.node.ts";
import { type HeadManifest, isModelId, type ModelManifest, type NetworkInput, seesFaces } from "../../models/index.ts";
import type { InferenceRuntime } from "../../runtime/index.ts";
import { createBatchMaker } from "../augment/batch.ts";
import { noAugmentation } from "../augment/options.ts";
import { checkSameConfig, checkSameData, largestWeights, readFacts, readTensors } from "../run/checkpoint.node.ts";
import { ownTasks, type TrainingConfig } from "../config.ts";
import { networkDefinition } from "../definition.ts";
import {
  createManifest,
  describeInput,
  exportBehind,
  exportNetwork,
  exportQuantizedNetwork,
  type ManifestDescription,
  type QuantizedNetwork,
} from "./export.ts";
import { exportPlain } from "./plain.ts";
import { createNetwork, inputShape, type Network, type NetworkDefinition, type Weights } from "../network/network.ts";
import { createOnnxEngine, normalizePictures } from "../step/onnx-engine.ts";
import { decodeSafetensors } from "../run/safetensors.ts";
import { predictBothWays } from "../run/loop.ts";
import { loadTrainingData, type PictureData, type Sample, type TrainingData } from "../data/samples.node.ts";
import { joinHashes, readTeachers } from "../data/teacher.node.ts";

/** A trained network as it is shipped: an ONNX file and its manifest. */
export interface ExportedModel {
  readonly bytes: Uint8Array;
  readonly manifest: HeadManifest;
  /** Of an 8-bit export: see {@link QuantizedNetwork}. */
  readonly agreement: QuantizedNetwork["agreement"] | undefined;
}

/** Where the five landmarks stand in the pictures of a dataset. */
export interface SourceTemplate {
  /** Fractions of width and height. */
  readonly landmarks: FaceLandmarks;
  /** How that is known, in a few words. */
  readonly source: string;
}

/** A dataset of the training, for whoever finds its template. */
export interface TemplateRequest {
  readonly format: string;
  readonly title: string;
  /** Its training faces; `picture` is a path. */
  readonly faces: readonly { readonly id: string; readonly picture: string }[];
  /** Of the network whose features were read, where it was shown the pictures as they are: they stand for its own crops. */
  readonly backbone: SourceTemplate | undefined;
}

export interface ExportModelOptions {
  /** What was trained. */
  readonly config: TrainingConfig;
  /**
   * A safetensors file: a checkpoint of this project, the last one too, or the weights of the same network that another engine
   * trained. Of a checkpoint the averaged weights are taken where there are some.
   */
  readonly weights: string;
  readonly id: string;
  readonly title: string;
  /**
   * The crop that serving cuts, for datasets whose pictures were shown in several ways of which one is meant.
   * @default the mean of what `templateOf` finds
   */
  readonly template?: SourceTemplate | undefined;
  /** What the model looks at: a face that is found and cut out, or the whole picture, as it was trained on it. @default "face" */
  readonly sees?: "face" | "picture" | undefined;
  /** Finds where faces stand in the pictures of each dataset. */
  readonly templateOf: (request: TemplateRequest) => Promise<SourceTemplate>;
  /** Exports with 8 bits, calibrated on so many training pictures. @default 32-bit floats */
  readonly calibrationCount?: number | undefined;
  /** What an export with 8 bits computes with; see `QuantizeOptions`. @default "int8" */
  readonly activations?: "float" | "int8" | undefined;
  /** Writes opset 13 in forms that other engines read right; not with 8 bits. @default false */
  readonly isPlain?: boolean | undefined;
  /** Divides the logits of a task, fitted on validation data. @default 1 */
  readonly temperatures?: Readonly<Record<string, number>> | undefined;
  /** Vector scaling of a task's logits, fitted on validation data; before the temperature. @default none */
  readonly scalings?: Readonly<Record<string, VectorScaling>> | undefined;
  /** Share of an age distribution that the interval takes, fitted on validation data. @default that of the manifest's schema */
  readonly intervalMass?: number | undefined;
  /** Whether the model answers with means over the face and its mirror image. @default false */
  readonly flipAveraging?: boolean | undefined;
  /** What trained the weights, in a few words. @default "TensorFace on ONNX Runtime" */
  readonly engine?: string | undefined;
  /** Folder of the packs of decoded pictures. */
  readonly cache: string;
}

/**
 * Makes a shipped model of a configuration and trained weights: the network is built from the configuration, the weights are
 * checked against it, the file is compared with the network in memory, and the crop template comes from the training datasets.
 *
 * @throws {TF_CHECKPOINT_MISMATCH} when a checkpoint was trained with another configuration or other data
 * @throws {TF_MODEL_INVALID} when weights are missing, of another shape or not finite
 * @throws {TF_GRAPH_INVALID} when the file's answers are not the network's
 * @throws what `templateOf` throws
 */
export async function exportModel(runtime: InferenceRuntime, options: ExportModelOptions): Promise<ExportedModel> {
  const { config, id } = options;
  checkModelId(id);
  if (options.isPlain === true && options.calibrationCount !== undefined)
    throw new TensorFaceError("TF_INVALID_ARGUMENT", "a plain file has float32 weights: export it without 8 bits");
  const { tensors, metadata, bytes: file } = await readTensors(options.weights);
  const facts = readFacts(metadata, options.weights);
  if (facts !== undefined) checkSameConfig(facts, config, configHint);
  const data = await loadTrainingData(config, { cache: options.cache, runtime });
  if (facts !== undefined) checkSameData(facts, await trainedHash(config, data), dataHint);
  const network = createNetwork(networkDefinition(config, data.inputs.kind === "features" ? data.inputs.columns : undefined), {
    seed: config.seed,
  });
  const weights = matchWeights(network, tensors, options.weights);
  const sources = await describeSources(config, data);
  const isWhole = options.sees === "picture";
  if (isWhole) checkWholePictures(config);
  const template = isWhole ? undefined : (options.template ?? (await joinTemplates(sources, data, options.templateOf)));
  const exported = await exportFrom(runtime, { network, weights, data }, options);
  const manifest = await createManifest(exported.input, exported.bytes, {
    id,
    title: options.title,
    template,
    flipAveraging: options.flipAveraging,
    provenance: {
      source: `TensorFace, trained from recipe "${config.name}" on ${differentSets(sources)
        .map(({ title, trained }) => `${counted(trained, "face")} of ${title}`)
        .join(" and ")}${onFeatures(data, ({ id, provenance }) => `, on the frozen features of ${id} (${provenance.source})`)}`,
      licence: `MIT; trained on ${differentSets(sources)
        .map(({ title, licence }) => `${title}: ${licence}`)
        .join("; ")}${onFeatures(data, ({ id, provenance }) => `; ${id}: ${provenance.licence}`)}`,
      training: {
        recipe: config.name,
        engine: options.engine ?? "TensorFace on ONNX Runtime",
        weightsSha256: createHash("sha256").update(file).digest("hex"),
        dataHash: data.hash,
        parameters: network.parameterCount,
        multiplyAccumulates: network.multiplyAccumulates,
        ...(config.initial === undefined ? {} : { initial: await describeInitial(config.initial.weights) }),
        ...(exported.agreement === undefined
          ? {}
          : {
              quantised: {
                bits: 8,
                activations: options.activations ?? "int8",
                calibrationPictures: options.calibrationCount,
                agreement: exported.agreement,
              },
            }),
        ...(data.inputs.kind === "features" && {
          features: {
            model: data.inputs.backbone.manifest.id,
            sha256: data.inputs.backbone.manifest.sha256,
            value: data.inputs.backbone.network.value,
          },
        }),
        data: sources.map(({ format, trained, validated, manifestSha256, cleaning }) => ({
          format,
          trained,
          validated,
          manifestSha256,
          cleaning,
        })),
        ...splitNames(data),
      },
    },
    sees: options.sees,
    outputs: await describeOutputs(runtime, { network, weights, data }, options),
  });
  return { bytes: exported.bytes, manifest, agreement: exported.agreement };
}

/** The heads of a network as a manifest tells of them. */
async function describeOutputs(
  runtime: InferenceRuntime,
  trained: Trained,
  options: ExportModelOptions,
): Promise<ManifestDescription["outputs"]> {
  const own = ownTasks(options.config);
  const numbers = own.filter(({ kind }) => kind === "number");
  const intervals = numbers.length === 0 ? new Map() : await numberIntervals(runtime, trained, options, numbers);
  return options.config.network.heads.map(({ task, kind, labels, minimum, maximum, unit }): ManifestDescription["outputs"][number] => {
    const calibration = { temperature: options.temperatures?.[task] ?? 1, scaling: options.scalings?.[task] };
    if (kind === "number")
      return {
        task,
        kind,
        output: task,
        labels: [],
        activation: "none",
        temperature: 1,
        minimum,
        maximum,
        unit,
        interval: intervals.get(task),
      };
    if (kind !== undefined)
      return { task, kind, output: task, labels: [...labels!], activation: kind === "tags" ? "sigmoid" : "softmax", ...calibration };
    return {
      task,
      output: task,
      labels: isBuiltInTask(task) ? labelsOf(task) : [],
      ...calibration,
      intervalMass: task === "age" ? options.intervalMass : undefined,
      activation: trained.network.outputs[task] === 1 ? "sigmoid" : "softmax",
    };
  });
}

/** Where the true number is beside the answer that serving gives, for four of five of the validation faces (split conformal prediction). */
async function numberIntervals(
  runtime: InferenceRuntime,
  { network, weights, data }: Trained,
  { flipAveraging }: ExportModelOptions,
  tasks: readonly TaskDefinition[],
): Promise<Map<string, NonNullable<HeadManifest["outputs"][number]["interval"]>>> {
  const rows = data.samples.flatMap(({ role }, row) => (role === "validation" ? [row] : []));
  await using predictor = await createOnnxEngine(runtime).createPredictor(network, weights);
  const residuals = new Map(tasks.map(({ name }) => [name, [] as number[]]));
  for (let start = 0; start < rows.length; start += calibrationBatch) {
    const part = rows.slice(start, start + calibrationBatch);
    const batch = inputBatch(part, data, network.definition);
    const answers = await (flipAveraging === true ? predictBothWays(predictor, batch) : predictor.predict(batch));
    for (const { task, values, width } of answers) {
      for (const [index, row] of part.entries()) {
        const truth = data.samples[row]!.record.labels.attributes?.[task];
        if (typeof truth === "number") residuals.get(task)?.push(truth - values[index * width]!);
      }
    }
  }
  return new Map(
    [...residuals].map(([task, each]) => {
      if (each.length < fewestResiduals)
        throw new TensorFaceError(
          "TF_CONFIG_INVALID",
          `the interval of "${task}" needs ${fewestResiduals} validation faces with a number, there are ${each.length}`,
        );
      return [task, { level: intervalLevel, ...residualOffsets(each, intervalLevel)! }];
    }),
  );
}

/** With fewer, a tenth at either end is not one face, and nothing is promised. */
const fewestResiduals = 10;

/** What a network reads of some samples. */
function inputBatch(rows: readonly number[], { inputs }: TrainingData, definition: NetworkDefinition): Tensor {
  if (inputs.kind === "features") {
    const { columns, data } = inputs;
    const batch = new Float32Array(rows.length * columns);
    for (const [index, row] of rows.entries()) batch.set(data.subarray(row * columns, (row + 1) * columns), index * columns);
    return { type: "float32", shape: [rows.length, columns], data: batch };
  }
  return pixelBatch(rows, inputs, definition);
}

const configHint = "Export what was trained: config.json in the training's folder, or the configuration with the training's --set.";
const dataHint =
  "Restore the dataset as it was trained on (decisions that `tensorface dataset apply` wrote change labels), or train again with it as it is.";

/** @throws {TF_INVALID_ARGUMENT} when a model cannot be called so */
export function checkModelId(id: string): void {
  if (isModelId(id)) return;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `a model cannot be called "${id}"`, {
    hint: "Use lower case letters, digits and dashes, as in my-mood-2.",
  });
}

/** @throws {TF_CONFIG_INVALID} when pictures were cut for the training, which nothing would do in serving */
function checkWholePictures({ data }: TrainingConfig): void {
  const index = data.findIndex(({ crop }) => crop.x !== 0 || crop.y !== 0 || crop.side !== 1);
  if (index >= 0)
    throw new TensorFaceError("TF_CONFIG_INVALID", `field "data.${index}.crop": a model for whole pictures is trained on whole ones`);
}

/** The hash of data and teachers that a checkpoint keeps. */
async function trainedHash(config: TrainingConfig, { hash, samples }: TrainingData): Promise<string> {
  return joinHashes(hash, (await readTeachers(config, samples)).hashes);
}

/** What is said of the network whose features were read; nothing for one on pictures. */
function onFeatures({ inputs }: TrainingData, say: (manifest: ModelManifest) => string): string {
  return inputs.kind === "features" ? say(inputs.backbone.manifest) : "";
}

interface Trained {
  readonly network: Network;
  readonly weights: Weights;
  readonly data: TrainingData;
}

interface Exported extends Pick<ExportedModel, "bytes" | "agreement"> {
  readonly input: NetworkInput;
}

async function exportFrom(runtime: InferenceRuntime, trained: Trained, options: ExportModelOptions): Promise<Exported> {
  const exported = await exportCompact(runtime, trained, options);
  return options.isPlain === true ? { ...exported, bytes: await exportPlain(runtime, exported.bytes, exported.input) } : exported;
}

async function exportCompact(runtime: InferenceRuntime, trained: Trained, options: ExportModelOptions): Promise<Exported> {
  const { network, weights, data } = trained;
  const { config, calibrationCount, activations } = options;
  const metadata = { id: options.id, config: config.name };
  if (data.inputs.kind === "features") {
    if (calibrationCount !== undefined)
      throw new TensorFaceError("TF_INVALID_ARGUMENT", "a head on features keeps the numbers of its backbone: export it without 8 bits");
    const { manifest, network: frozen } = data.inputs.backbone;
    const { bytes } = await exportBehind(runtime, { graph: frozen.graph, input: manifest.input }, network, weights, { metadata });
    return { bytes, agreement: undefined, input: manifest.input };
  }
  const { input } = network.definition;
  if (input.kind !== "picture") throw new TypeError("pictures make a network on pictures");
  const described = describeInput(input);
  if (calibrationCount === undefined) {
    const { bytes } = await exportNetwork(runtime, network, weights, { metadata });
    return { bytes, agreement: undefined, input: described };
  }
  const kinds = new Map(ownTasks(config).map(({ name, kind }) => [name, kind]));
  const calibration = calibrationBatches(data.samples, data.inputs, network.definition, calibrationCount);
  return { ...(await exportQuantizedNetwork(runtime, network, weights, { metadata, calibration, kinds, activations })), input: described };
}

function labelsOf(task: BuiltInTask): string[] {
  switch (task) {
    case "age":
      return Array.from({ length: ageCount }, (_, year) => String(year));
    case "gender":
      return [...genders];
    case "mood":
      return [...moods];
    default:
      return task satisfies never;
  }
}

/**
 * The tensors that the network needs, each of the right shape; what else a checkpoint holds is left. The best checkpoint names them
 * as the network does, the last one as the training's state: see `TrainingState`.
 */
function matchWeights(network: Network, tensors: ReturnType<typeof decodeSafetensors>["tensors"], path: string): Weights {
  const invalid = (what: string): TensorFaceError =>
    new TensorFaceError("TF_MODEL_INVALID", `the weights in "${path}" are not of this network: ${what}`);
  const match = ({ name, initial }: { readonly name: string; readonly initial: Float32Tensor }, kind: string): [string, Float32Tensor] => {
    const tensor = tensors.get(name) ?? tensors.get(`average/${name}`) ?? tensors.get(`${kind}/${name}`);
    if (tensor?.type !== "float32") throw invalid(`no float32 tensor "${name}"`);
    if (tensor.shape.join() !== initial.shape.join())
      throw invalid(`"${name}" is [${tensor.shape.join()}], expected [${initial.shape.join()}]`);
    if (!tensor.data.every(Number.isFinite)) throw invalid(`"${name}" holds numbers that are not finite`);
    return [name, tensor];
  };
  return new Map([
    ...network.parameters.map((parameter) => match(parameter, "parameter")),
    ...network.statistics.map((statistic) => match(statistic, "statistic")),
  ]);
}

/**
 * Where the weights come from that the training began with, and their hash: what the file says of itself, or, of a checkpoint, its training and what that
 * began with in turn, as far back as the files are there.
 */
async function describeInitial(path: string, after: readonly string[] = []): Promise<{ readonly source: string; readonly sha256: string }> {
  const file = await readRegularFile(path, { maxBytes: largestWeights });
  const { metadata } = decodeSafetensors(file);
  const config = readTrainingOf(metadata, path);
  return {
    source: metadata["source"] ?? (config === undefined ? "unknown" : await describeTraining(config, [...after, path])),
    sha256: createHash("sha256").update(file).digest("hex"),
  };
}

/** The training that a checkpoint is of; undefined where this version does not understand it, since its weights serve all the same. */
function readTrainingOf(metadata: Readonly<Record<string, string>>, path: string): TrainingConfig | undefined {
  try {
    return readFacts(metadata, path)?.config;
  } catch {
    return undefined;
  }
}

/** @param after the files that led here, since a training may be begun with what stands in its own folder */
async function describeTraining({ name, initial }: TrainingConfig, after: readonly string[]): Promise<string> {
  if (initial === undefined) return `training "${name}", from random weights`;
  const isThere = !after.includes(initial.weights) && (await stat(initial.weights).catch(() => undefined))?.isFile() === true;
  return `training "${name}", which began with ${isThere ? (await describeInitial(initial.weights, after)).source : "weights that are not there any more"}`;
}

const calibrationBatch = 32;

/** Training pictures, evenly from all of them, in the order of a hash of their names: not the first hundred of one person. */
function calibrationBatches(
  samples: readonly Sample[],
  inputs: PictureData,
  definition: NetworkDefinition,
  count: number,
): Float32Tensor[] {
  const rows = samples
    .flatMap(({ record, role }, row) => (role === "train" ? [{ row, key: createHash("sha256").update(record.id).digest("hex") }] : []))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .slice(0, count)
    .map(({ row }) => row);
  const batches: Float32Tensor[] = [];
  for (let start = 0; start < rows.length; start += calibrationBatch) {
    batches.push(normalizePictures(pixelBatch(rows.slice(start, start + calibrationBatch), inputs, definition), definition));
  }
  return batches;
}

/** Pictures of some samples as they are: uint8 `[N, channels, side, side]`. */
function pixelBatch(rows: readonly number[], inputs: PictureData, definition: NetworkDefinition): Tensor {
  const { channels } = inputs.store;
  const side = inputShape(definition).at(-1)!;
  const make = createBatchMaker({ ...inputs, side, augmentation: noAugmentation, seed: 0 });
  const pixels = new Uint8Array(rows.length * channels * side * side);
  make({ rows: Int32Array.from(rows), augment: undefined }, pixels);
  return { type: "uint8", shape: [rows.length, channels, side, side], data: pixels };
}

interface SourceFacts {
  readonly path: string;
  readonly format: string;
  readonly title: string;
  readonly licence: string;
  readonly manifestSha256: string;
  readonly crop: TrainingConfig["data"][number]["crop"];
  readonly trained: number;
  readonly validated: number;
  readonly cleaning: Cleaning | undefined;
}

async function describeSources(config: TrainingConfig, { samples, cleanings }: TrainingData): Promise<SourceFacts[]> {
  return Promise.all(
    config.data.map(async ({ path, crop }, dataset) => {
      const { info } = await openDataset(path);
      const count = (role: string): number => samples.filter((sample) => sample.dataset === dataset && sample.role === role).length;
      const { format, title, licence, manifestSha256 } = info;
      const cleaned = cleanings[dataset];
      const cleaning = cleaned === undefined ? undefined : { dropped: cleaned.dropped, relabelled: cleaned.relabelled };
      return { path, format, title, licence, manifestSha256, crop, trained: count("train"), validated: count("validation"), cleaning };
    }),
  );
}

/** A dataset that is shown in several crops is one set of faces. */
function differentSets(sources: readonly SourceFacts[]): SourceFacts[] {
  return [...new Map(sources.map((source) => [source.path, source])).values()];
}

/** The mean of the datasets' templates, as they stand in the crops that were shown, by how many faces each trained with. */
async function joinTemplates(
  sources: readonly SourceFacts[],
  { samples, inputs }: TrainingData,
  templateOf: ExportModelOptions["templateOf"],
): Promise<HeadManifest["template"]> {
  const templates: SourceTemplate[] = [];
  // One after the other: a measurement computes with all cores and tells its progress.
  for (const [dataset, { format, title, crop }] of sources.entries()) {
    const trained = samples.filter((sample) => sample.dataset === dataset && sample.role === "train");
    const faces = trained.map(({ record, path }) => ({ id: record.id, picture: path }));
    const isWhole = crop.x === 0 && crop.y === 0 && crop.side === 1;
    templates.push(await templateOf({ format, title, faces, backbone: isWhole ? backboneTemplate(inputs) : undefined }));
  }
  const total = sources.reduce((sum, { trained }) => sum + trained, 0);
  const mean = (name: keyof FaceLandmarks): Point => {
    const sum = { x: 0, y: 0 };
    for (const [dataset, { crop, trained }] of sources.entries()) {
      const { x, y } = templates[dataset]!.landmarks[name];
      sum.x += (((x - crop.x) / crop.side) * trained) / total;
      sum.y += (((y - crop.y) / crop.side) * trained) / total;
    }
    return { x: Number(sum.x.toFixed(4)), y: Number(sum.y.toFixed(4)) };
  };
  return {
    landmarks: landmarksOf(mean),
    source: `median landmarks in the training crops of ${sources.map(({ title }, dataset) => `${title} (${templates[dataset]!.source})`).join(" and ")}`,
  };
}

function backboneTemplate(inputs: TrainingData["inputs"]): SourceTemplate | undefined {
  const manifest = inputs.kind === "features" ? inputs.backbone.manifest : undefined;
  if (manifest?.kind !== "head" || !seesFaces(manifest)) return undefined;
  const { id, template } = manifest;
  return { landmarks: template.landmarks, source: id };
}

/** What trained and what selected the weights, in the words of `evaluate --split`. */
function splitNames({ samples }: TrainingData): { readonly trainedOn: string[]; readonly selectedOn: string[] } {
  const namesOf = (role: string): Set<string> =>
    new Set(
      samples
        .filter((sample) => sample.role === role)
        .flatMap(({ record }) =>
          [record.split, record.officialSplit].filter((name) => name !== undefined).map((name) => `${record.source}/${name}`),
        ),
    );
  const trainedOn = namesOf("train");
  return { trainedOn: [...trainedOn].toSorted(), selectedOn: [...namesOf("validation").difference(trainedOn)].toSorted() };
}
