import type { Task } from "../../core/index.ts";
import type { FeatureExtractor } from "../../datasets/feature-cache.node.ts";
import type { HeadManifest, ModelManifest, ModelStore } from "../../models/index.ts";
import type { InferenceRuntime } from "../../runtime/index.ts";
import { splitRole } from "../evaluate/systems.ts";
import { createNetworkExtractor, gradientExtractor } from "./network-features.ts";

export interface OpenExtractors extends AsyncDisposable {
  readonly extractors: readonly FeatureExtractor[];
}

/** Faces that are judged, by where they come from: `fairface`, `train`. */
export interface DatasetPart {
  readonly source: string;
  readonly split: string;
}

/** The parts that records belong to, each once. */
export function partsOf(records: Iterable<DatasetPart>): DatasetPart[] {
  const parts = new Map<string, DatasetPart>();
  for (const { source, split } of records) parts.set(`${source}/${split}`, { source, split });
  return [...parts.values()];
}

/**
 * A network of our own that tells the task knows best what a wrong label is, but only of faces that it did not learn from: of
 * those it would repeat the labels that it was taught. Then networks of others are taken; one for age and gender sees moods too.
 */
function defaultNetworks(manifests: readonly ModelManifest[], task: Task, parts: readonly DatasetPart[]): string[] {
  const heads = manifests.filter((manifest) => manifest.kind === "head");
  const tells = (manifest: HeadManifest): boolean => manifest.outputs.some((output) => output.task === task);
  const isUntaught = (manifest: HeadManifest): boolean =>
    parts.every(({ source, split }) => ["held out", "selection"].includes(splitRole(manifest, source, split)));
  const own = heads.filter((manifest) => manifest.provenance.training !== undefined && tells(manifest) && isUntaught(manifest));
  const foreign = heads.filter((manifest) => manifest.provenance.training === undefined && (task === "mood" || tells(manifest)));
  return (own.length > 0 ? own : foreign).map(({ id }) => id).sort();
}

/**
 * What describes faces for a task.
 * @param parts where the faces that are judged come from
 * @param list ids of networks and `gradients`, with commas between. @default our own networks where they did not learn from these
 *   parts, else networks of others that are installed, else gradients
 */
export async function openExtractors(
  store: ModelStore,
  runtime: InferenceRuntime,
  task: Task,
  parts: readonly DatasetPart[],
  list: string | undefined,
): Promise<OpenExtractors> {
  const asked = list?.split(",").map((name) => name.trim()) ?? defaultNetworks(await store.manifests(), task, parts);
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
