import { createHash } from "node:crypto";
import { isTensorFaceError, type ProgressListener, TensorFaceError } from "../../core/index.ts";
import { type Dataset, openDataset } from "../../datasets/dataset.node.ts";
import { cachedFeatures } from "../../features/feature-cache.node.ts";
import type { FeatureMatrix } from "../../features/index.ts";
import { type FaceRecord, importSplitKey, linkedSets, stableFraction } from "../../datasets/index.ts";
import { type Cleaning, readCleaned } from "../../datasets/review/cleaned.node.ts";
import { decode } from "../../image/decode.node.ts";
import type { InferenceRuntime, LoadOptions } from "../../runtime/index.ts";
import type { CropRegion, PictureStore } from "../augment/picture.ts";
import type { TrainingConfig } from "../config.ts";
import { type Backbone, createFeatureExtractor, openBackbone } from "./feature-extractor.node.ts";
import { loadPictures } from "./picture-pack.node.ts";

/** A face in a training: what is known of it and where it comes from. */
export interface Sample {
  readonly record: FaceRecord;
  /** Which of the configuration's datasets. */
  readonly dataset: number;
  readonly role: "train" | "validation";
  readonly path: string;
}

/** Pictures in memory; rows of `store` are samples. */
export interface PictureData {
  readonly kind: "pictures";
  readonly store: PictureStore;
  readonly crops: readonly CropRegion[];
  readonly cropOfRow: Uint8Array;
}

/** What another network says of the pictures; rows are samples. */
export interface FeatureData extends FeatureMatrix {
  readonly kind: "features";
  readonly backbone: Backbone;
}

/** Everything that a training reads, in memory. */
export interface TrainingData {
  readonly samples: readonly Sample[];
  /** What the applied decisions changed in each of the configuration's datasets; undefined for labels as imported. */
  readonly cleanings: readonly (Cleaning | undefined)[];
  readonly inputs: PictureData | FeatureData;
  /**
   * SHA-256 over pictures, labels and roles, in order, and over the network whose features are read: two trainings with the same
   * one saw the same data.
   */
  readonly hash: string;
}

export interface LoadDataOptions {
  /** Folder of the packs of decoded pictures; features are kept beside their dataset. */
  readonly cache: string;
  /** Runs the network whose features are read. */
  readonly runtime: InferenceRuntime;
  /** Where it runs. */
  readonly load?: LoadOptions | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the datasets of a configuration and their pictures.
 * @throws {TF_INPUT_NOT_FOUND | TF_DATASET_LAYOUT | TF_DATASET_INVALID} when a folder is no imported dataset
 * @throws {TF_CONFIG_INVALID} when nothing is left to train on or to validate with
 */
export async function loadTrainingData(config: TrainingConfig, options: LoadDataOptions): Promise<TrainingData> {
  const sources = await Promise.all(config.data.map((source, index) => readSource(source, index)));
  const samples = sources.flatMap((source) => source.samples);
  const cleanings = sources.map(({ cleaning }) => cleaning);
  for (const role of ["train", "validation"] as const) {
    if (samples.some((sample) => sample.role === role)) continue;
    throw new TensorFaceError("TF_CONFIG_INVALID", `field "data": no record is for ${role === "train" ? "training" : "validation"}`);
  }
  const { picture, features } = config;
  if (picture !== undefined)
    return { samples, cleanings, inputs: await loadPictureData(config, picture, samples, options), hash: hashSamples(samples, []) };
  // The configuration has one of the two.
  const inputs = await loadFeatureData(config, features!, samples, options);
  const { manifest, network } = inputs.backbone;
  return { samples, cleanings, inputs, hash: hashSamples(samples, [manifest.sha256, network.value]) };
}

async function loadPictureData(
  config: TrainingConfig,
  picture: NonNullable<TrainingConfig["picture"]>,
  samples: readonly Sample[],
  options: LoadDataOptions,
): Promise<PictureData> {
  const format = { side: picture.storedSide ?? picture.side, channels: picture.colour === "grey" ? 1 : 3 } as const;
  const items = samples.map(({ record, path }) => ({ sha256: record.sha256, path }));
  const store = await loadPictures(options.cache, items, format, { ...options, decode: async (item) => (await decode(item)).image });
  const cropOfRow = new Uint8Array(new SharedArrayBuffer(samples.length));
  cropOfRow.set(samples.map(({ dataset }) => dataset));
  return { kind: "pictures", store, crops: config.data.map(({ crop }) => crop), cropOfRow };
}

/** The features of every sample; what an earlier run has computed is read. */
async function loadFeatureData(
  config: TrainingConfig,
  features: NonNullable<TrainingConfig["features"]>,
  samples: readonly Sample[],
  options: LoadDataOptions,
): Promise<FeatureData> {
  const backbone = await openBackbone(features);
  const columns = backbone.network.size;
  const data = new Float32Array(samples.length * columns);
  let row = 0;
  for (const [index, { path, crop }] of config.data.entries()) {
    await using extractor = await createFeatureExtractor(options.runtime, backbone, crop, options.load);
    const records = samples.filter(({ dataset }) => dataset === index).map(({ record }) => record);
    // Samples stand in the order of their datasets.
    data.set((await cachedFeatures(await openDataset(path), records, extractor, options)).data, row * columns);
    row += records.length;
  }
  return { kind: "features", backbone, rows: samples.length, columns, data };
}

type SourceConfig = TrainingConfig["data"][number];

interface Source {
  readonly samples: readonly Sample[];
  readonly cleaning: Cleaning | undefined;
}

/** @throws {TF_INPUT_NOT_FOUND} saying how a training goes on whose dataset was moved */
async function openSource({ path }: SourceConfig, dataset: number): Promise<Dataset> {
  return openDataset(path).catch((error: unknown) => {
    if (!isTensorFaceError(error, "TF_INPUT_NOT_FOUND")) throw error;
    const field = `data.${dataset}.path`;
    throw new TensorFaceError("TF_INPUT_NOT_FOUND", `field "${field}": "${path}" does not exist`, {
      cause: error,
      hint: `Where it was moved, say so in the configuration or with \`--set ${field}=DIR\`: a checkpoint knows its data by their content. Else import it: \`tensorface dataset import FORMAT SOURCE --out ${path}\`.`,
    });
  });
}

async function readSource(source: SourceConfig, dataset: number): Promise<Source> {
  const opened = await openSource(source, dataset);
  const cleaning = source.labels === "cleaned" ? await readCleaned(opened) : undefined;
  const imported = await Array.fromAsync(opened.records());
  // Of the records as imported, so that a review moves no face to another side.
  const roles = rolesOf(imported, source);
  const samples: Sample[] = [];
  for (const record of cleaning?.records ?? imported) {
    const role = roles.get(record.id);
    if (role !== undefined) samples.push({ record, dataset, role, path: opened.picturePath(record) });
  }
  return { samples, cleaning };
}

/**
 * Which records train and which validate, by id; the others stay out. A share that validates is chosen set by set of what is linked
 * through subjects, duplicate groups and equal pictures, by a hash of the set's smallest key.
 */
export function rolesOf(
  records: readonly FaceRecord[],
  { train, validation }: Pick<SourceConfig, "train" | "validation">,
): ReadonlyMap<string, Sample["role"]> {
  const roles = new Map<string, Sample["role"]>();
  const split = typeof validation === "object" && "split" in validation ? validation.split : undefined;
  for (const record of records) {
    if (record.split === split) roles.set(record.id, "validation");
    else if (record.split === train) roles.set(record.id, "train");
  }
  if (typeof validation !== "object" || "split" in validation) return roles;
  const training = records.filter((record) => record.split === train);
  for (const set of linkedSets(training)) {
    const keys = set.map((index) => training[index]!.group ?? importSplitKey(training[index]!));
    const key = keys.reduce((least, each) => (each < least ? each : least));
    // Another draw than the import's: of what it has left for training, its own would find all below its share gone already.
    if (stableFraction(`fraction:${key}`) >= validation.fraction) continue;
    for (const index of set) roles.set(training[index]!.id, "validation");
  }
  return roles;
}

function hashSamples(samples: readonly Sample[], network: readonly string[]): string {
  const hash = createHash("sha256");
  for (const word of network) hash.update(word);
  for (const { record, role } of samples) hash.update(JSON.stringify([record.source, record.id, record.sha256, record.labels, role]));
  return hash.digest("hex");
}
