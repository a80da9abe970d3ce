import type { Task } from "../../core/index.ts";
import type { FeatureExtractor } from "../../datasets/feature-cache.node.ts";
import type { ModelManifest, ModelStore } from "../../models/index.ts";
import type { InferenceRuntime } from "../../runtime/index.ts";
import { createNetworkExtractor, gradientExtractor } from "./network-features.ts";

export interface OpenExtractors extends AsyncDisposable {
  readonly extractors: readonly FeatureExtractor[];
}

/** Networks that were not trained here tell a task without having learnt these labels. A network for age and gender sees moods too. */
function defaultNetworks(manifests: readonly ModelManifest[], task: Task): string[] {
  const foreign = manifests.filter((manifest) => manifest.kind === "head" && manifest.provenance.training === undefined);
  const tells = (manifest: ModelManifest): boolean => manifest.kind === "head" && manifest.outputs.some((output) => output.task === task);
  const wanted = task === "mood" ? foreign : foreign.filter(tells);
  return wanted.map(({ id }) => id).sort();
}

/**
 * What describes faces for a task.
 * @param list ids of networks and `gradients`, with commas between. @default networks of others that are installed, else gradients
 */
export async function openExtractors(
  store: ModelStore,
  runtime: InferenceRuntime,
  task: Task,
  list: string | undefined,
): Promise<OpenExtractors> {
  const asked = list?.split(",").map((name) => name.trim()) ?? defaultNetworks(await store.manifests(), task);
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
