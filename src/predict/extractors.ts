import { isBuiltInTask } from "../core/index.ts";
import type { Dataset } from "../datasets/dataset.node.ts";
import type { FeatureExtractor } from "../features/feature-cache.node.ts";
import { sourceNames } from "../datasets/import/index.ts";
import type { FaceRecord } from "../datasets/index.ts";
import type { HeadManifest, ModelManifest, ModelStore } from "../models/index.ts";
import { openModelFolders } from "../models/models.node.ts";
import type { InferenceRuntime } from "../runtime/index.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { type FaceOrigin, faceRole } from "./systems.ts";
import { createNetworkExtractor, gradientExtractor } from "../features/network-features.node.ts";

/** The part of a dataset whose labels are judged. */
export interface JudgedRecords {
  readonly dataset: Pick<Dataset, "info">;
  readonly records: readonly FaceRecord[];
  readonly task: string;
}

/** {@link openExtractors} with the installed networks, for records of a dataset. */
export function openInstalledExtractors({ dataset, records, task }: JudgedRecords, list: string | undefined): Promise<OpenExtractors> {
  return openExtractors(openModelFolders(), createNodeRuntime(), task, originsOf(records, dataset.info.format), list);
}

export interface OpenExtractors extends AsyncDisposable {
  readonly extractors: readonly FeatureExtractor[];
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
 * A network of our own that tells the task knows best what a wrong label is, but only of faces that it did not learn from: of
 * those it would repeat the labels that it was taught. Then networks of others are taken; one for age and gender sees moods too.
 */
function defaultNetworks(manifests: readonly ModelManifest[], task: string, origins: readonly FaceOrigin[]): string[] {
  const heads = manifests.filter((manifest) => manifest.kind === "head");
  // No installed network has been taught a task of the user's own, so the best ones may judge it.
  if (!isBuiltInTask(task)) return heads.filter(({ provenance }) => provenance.training !== undefined).map(({ id }) => id);
  const tells = (manifest: HeadManifest): boolean => manifest.outputs.some((output) => output.task === task);
  const isUntaught = (manifest: HeadManifest): boolean =>
    origins.every((origin) => ["held out", "selection"].includes(faceRole(manifest, origin)));
  const own = heads.filter((manifest) => manifest.provenance.training !== undefined && tells(manifest) && isUntaught(manifest));
  const foreign = heads.filter((manifest) => manifest.provenance.training === undefined && (task === "mood" || tells(manifest)));
  return (own.length > 0 ? own : foreign).map(({ id }) => id).sort();
}

/**
 * What describes faces for a task.
 * @param origins where the faces that are judged come from
 * @param list ids of networks and `gradients`, with commas between. @default our own networks where they did not learn from these
 *   faces, else networks of others that are installed, else gradients
 */
export async function openExtractors(
  store: ModelStore,
  runtime: InferenceRuntime,
  task: string,
  origins: readonly FaceOrigin[],
  list: string | undefined,
): Promise<OpenExtractors> {
  const asked = list?.split(",").map((name) => name.trim()) ?? defaultNetworks(await store.manifests(), task, origins);
  const names = asked.length > 0 ? asked : ["gradients"];
  const networks: (FeatureExtractor & AsyncDisposable)[] = [];
  for (const name of names) if (name !== "gradients") networks.push(await createNetworkExtractor(store, runtime, name));
  return {
    extractors: names.includes("gradients") ? [...networks, gradientExtractor] : networks,
    async [Symbol.asyncDispose]() {
      await Promise.all(networks.map((network) => network[Symbol.asyncDispose]()));
    },
  };
}
