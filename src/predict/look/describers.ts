import type { Dataset } from "../../datasets/dataset.node.ts";
import { sourceNames } from "../../datasets/import/index.ts";
import type { FaceRecord } from "../../datasets/index.ts";
import type { HeadManifest, ModelManifest, ModelStore } from "../../models/index.ts";
import { openModelFolders } from "../../models/models.node.ts";
import { type FaceOrigin, faceRole } from "../systems.ts";

/** The part of a dataset whose labels are judged. */
export interface JudgedRecords {
  readonly dataset: Pick<Dataset, "info">;
  readonly records: readonly FaceRecord[];
  readonly task: string;
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

/** What describes faces. */
export interface ChosenDescribers {
  /** Ids or paths of networks. */
  readonly networks: readonly string[];
  /** Also histograms of gradients, which need no network. */
  readonly gradients: boolean;
}

/**
 * What describes the faces of a dataset for a task.
 * @param list ids or paths of networks and `gradients`, with commas between. @default the installed networks, but those that learnt the task from
 *   these very faces, else gradients
 */
export async function chooseDescribers(
  { dataset, records, task }: JudgedRecords,
  list?: string,
  store: Pick<ModelStore, "manifests"> = openModelFolders(),
): Promise<ChosenDescribers> {
  const asked =
    list?.split(",").map((name) => name.trim()) ?? defaultNetworks(await store.manifests(), task, originsOf(records, dataset.info.format));
  const names = asked.length > 0 ? asked : ["gradients"];
  return { networks: names.filter((name) => name !== "gradients"), gradients: names.includes("gradients") };
}
