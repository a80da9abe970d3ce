import type { Dataset } from "../datasets/dataset.node.ts";
import type { FeatureExtractor } from "../features/feature-cache.node.ts";
import { sourceNames } from "../datasets/import/index.ts";
import type { FaceRecord } from "../datasets/index.ts";
import type { HeadManifest, ModelManifest, ModelStore } from "../models/index.ts";
import { openModelFolders } from "../models/models.node.ts";
import type { InferenceRuntime } from "../runtime/index.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { type FaceOrigin, faceRole } from "./systems.ts";
import { createNetworkExtractor, gradientExtractor, type NetworkExtractor, type PictureCutter } from "../features/network-features.node.ts";

/** The part of a dataset whose labels are judged. */
export interface JudgedRecords {
  readonly dataset: Pick<Dataset, "info">;
  readonly records: readonly FaceRecord[];
  readonly task: string;
}

/** {@link openExtractors} with the installed networks, for records of a dataset. */
export function openInstalledExtractors({ dataset, records, task }: JudgedRecords, options?: ExtractorOptions): Promise<OpenExtractors> {
  return openExtractors(openModelFolders(), createNodeRuntime(), task, originsOf(records, dataset.info.format), options);
}

export interface ExtractorOptions {
  /**
   * Ids or paths of networks and `gradients`, with commas between.
   * @default the installed networks, but those that learnt the task from these very faces, else gradients
   */
  readonly list?: string | undefined;
  /** What networks are shown of a picture. @default the whole picture */
  readonly cutter?: PictureCutter | undefined;
}

export interface OpenExtractors extends AsyncDisposable {
  readonly extractors: readonly FeatureExtractor[];
  /** The networks among them, as one. */
  readonly networks: NetworkExtractor | undefined;
}

/** Where records come from, each place once. `format`: of their dataset. */
export function originsOf(records: Iterable<Pick<FaceRecord, "source" | "split" | "officialSplit">>, format: string): FaceOrigin[] {
  const origins = new Map<string, FaceOrigin>();
  for (const { source, split, officialSplit } of records) {
    origins.set(JSON.stringify([source, split, officialSplit]), { sources: sourceNames(source, format), split, officialSplit });
  }
  return [...origins.values()];
}

/**
 * Every installed network sees something of a face. Only one that was taught the task on the very faces that are judged is left out: it
 * would repeat the labels that it learnt, wrong ones too. Our own stand first.
 */
function defaultNetworks(manifests: readonly ModelManifest[], task: string, origins: readonly FaceOrigin[]): string[] {
  const heads = manifests.filter((manifest) => manifest.kind === "head");
  const tells = (manifest: HeadManifest): boolean => manifest.outputs.some((output) => output.task === task);
  const isOwn = ({ provenance }: HeadManifest): boolean => provenance.training !== undefined;
  const isUntaught = (manifest: HeadManifest): boolean =>
    origins.every((origin) => ["held out", "selection"].includes(faceRole(manifest, origin)));
  return heads
    .filter((manifest) => !tells(manifest) || !isOwn(manifest) || isUntaught(manifest))
    .map((manifest) => ({ id: manifest.id, place: `${isOwn(manifest) ? 0 : 1} ${manifest.id}` }))
    .sort((a, b) => (a.place < b.place ? -1 : 1))
    .map(({ id }) => id);
}

/**
 * What describes faces for a task.
 * @param origins where the faces that are judged come from
 */
export async function openExtractors(
  store: ModelStore,
  runtime: InferenceRuntime,
  task: string,
  origins: readonly FaceOrigin[],
  { list, cutter }: ExtractorOptions = {},
): Promise<OpenExtractors> {
  const asked = list?.split(",").map((name) => name.trim()) ?? defaultNetworks(await store.manifests(), task, origins);
  const names = asked.length > 0 ? asked : ["gradients"];
  const ids = names.filter((name) => name !== "gradients");
  const networks = ids.length === 0 ? undefined : await createNetworkExtractor(store, runtime, ids, cutter);
  return {
    networks,
    extractors: [...(networks === undefined ? [] : [networks]), ...(names.includes("gradients") ? [gradientExtractor] : [])],
    async [Symbol.asyncDispose]() {
      await networks?.[Symbol.asyncDispose]();
    },
  };
}
