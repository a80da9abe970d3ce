import { builtInTasks, TensorFaceError } from "../core/index.ts";
import { type DatasetFormat, isOwnSplit, type Split } from "../datasets/index.ts";
import type { SplitRole } from "../evaluate/index.ts";
import type { HeadManifest, ModelManifest } from "../models/index.ts";

/** Heads that together are one model in a report: no task is told twice. */
export interface System {
  readonly heads: readonly { readonly manifest: HeadManifest; readonly tasks: readonly string[] }[];
}

/**
 * What is evaluated side by side. Without ids: the first installed head for each task. With ids: heads join the first
 * system that lacks all of their tasks, so that `faceres` and `emotion` are one model, and a network for all three tasks
 * given before them is another.
 * @throws {TF_MODEL_NOT_FOUND} for an id that is no installed head, or when there is no head at all
 */
export function chooseSystems(manifests: readonly ModelManifest[], ids: readonly string[]): System[] {
  const heads = manifests.filter((manifest) => manifest.kind === "head");
  if (ids.length === 0) return [defaultSystem(heads)];
  const systems: HeadManifest[][] = [];
  for (const id of ids) {
    const head = heads.find((manifest) => manifest.id === id);
    if (head === undefined) throw notInstalled(`head "${id}"`, heads);
    const place = systems.find((system) => !system.some((other) => shareTask(other, head)));
    if (place === undefined) systems.push([head]);
    else place.push(head);
  }
  return systems.map((system) => ({ heads: system.map((manifest) => ({ manifest, tasks: tasksOf(manifest) })) }));
}

function defaultSystem(heads: readonly HeadManifest[]): System {
  const chosen = new Map<HeadManifest, string[]>();
  for (const task of builtInTasks) {
    const head = heads.find((manifest) => tasksOf(manifest).includes(task));
    if (head !== undefined) chosen.set(head, [...(chosen.get(head) ?? []), task]);
  }
  if (chosen.size === 0) throw notInstalled("head", heads);
  return { heads: [...chosen].map(([manifest, tasks]) => ({ manifest, tasks })) };
}

function tasksOf({ outputs }: HeadManifest): string[] {
  return outputs.map(({ task }) => task);
}

function shareTask(a: HeadManifest, b: HeadManifest): boolean {
  return tasksOf(a).some((task) => tasksOf(b).includes(task));
}

function notInstalled(what: string, heads: readonly HeadManifest[]): TensorFaceError {
  return new TensorFaceError(
    "TF_MODEL_NOT_FOUND",
    `no ${what} is installed; installed heads: ${heads.map(({ id }) => id).join(", ") || "none"}`,
  );
}

/** What a face was to a head. */
export type FaceRole = Exclude<SplitRole, "mixed">;

/** Where a face stands, in the words by which a manifest may list it. */
export interface FaceOrigin {
  /** Names of its dataset: `sourceNames` of its record. */
  readonly sources: readonly string[];
  /** SHA-256 of its dataset's manifest; undefined where it was not imported. */
  readonly manifestSha256?: string | undefined;
  /** TensorFace's own split; undefined where it is not known. */
  readonly split: Split | undefined;
  /** The makers' part. */
  readonly officialSplit: string | undefined;
}

/**
 * What a face was to a head, by the `trainedOn` and `selectedOn` lists (`fer2013/PublicTest`) in its training facts. In them `train`,
 * `validation` and `test` are TensorFace's own splits and other names are parts that the makers cut. Where a list names both, a face
 * of it stands in one of each. Unknown where the manifest does not say, where splits were cut anew since (the face's part was trained
 * on, but another split of it), where a copy has other parts than the makers', and where only a format's name is the same (a table).
 */
export function faceRole(manifest: HeadManifest, { sources, split, officialSplit, manifestSha256 }: FaceOrigin): FaceRole {
  const { training } = manifest.provenance;
  const trained = listedParts(training?.["trainedOn"], sources);
  if (trained === undefined) return "unknown";
  const selected = listedParts(training?.["selectedOn"], sources) ?? { own: new Set(), official: new Set() };
  const isListed = [trained, selected].some(({ own, official }) => own.size + official.size > 0);
  if (isListed && sources.every((source) => namelessFormats.has(source)) && !isTrainedOn(manifest, manifestSha256)) return "unknown";
  const name = officialSplit?.toLowerCase();
  const part = name === undefined || isOwnSplit(name) ? undefined : name;
  const isRecut = part === undefined && sources.some((source) => recutFormats.has(source)) && trained.official.size > 0;
  const wasTrained = isTrained(trained, split, part);
  if (wasTrained === true) return "training";
  if (selected.official.has("all") || contains(selected.official, part)) return "selection";
  if (contains(selected.own, split) && !isRecut) return "selection";
  const isUnclear = isRecut || wasTrained === undefined || (split === undefined && selected.own.size > 0);
  return isUnclear || isListedByAnotherName(training, [trained, selected], sources) ? "unknown" : "held out";
}

/** Formats that anybody's data may have: two datasets of one are not the same for that. */
const namelessFormats: ReadonlySet<string> = new Set<DatasetFormat>(["csv", "folder"]);

/** Datasets of which copies as folders are common that join or cut the makers' parts: their `test` is not the makers' test set. */
const recutFormats: ReadonlySet<string> = new Set<DatasetFormat>(["fer2013"]);

/** Parts of one dataset in a list, lower case. */
interface ListedParts {
  readonly own: ReadonlySet<string>;
  readonly official: ReadonlySet<string>;
}

function listedParts(list: unknown, sources: readonly string[]): ListedParts | undefined {
  if (!Array.isArray(list)) return undefined;
  const prefixes = sources.map((source) => `${source}/`.toLowerCase());
  const names = list.flatMap((item) => {
    const name = String(item).toLowerCase();
    const prefix = prefixes.find((start) => name.startsWith(start));
    return prefix === undefined ? [] : [name.slice(prefix.length)];
  });
  const [own, official] = [names.filter(isOwnSplit), names.filter((name) => !isOwnSplit(name))];
  return { own: new Set(own), official: new Set(official) };
}

function contains(names: ReadonlySet<string>, name: string | undefined): boolean {
  return name !== undefined && names.has(name);
}

/** Undefined where the lists and the face cannot be brought together. */
function isTrained({ own, official }: ListedParts, split: Split | undefined, part: string | undefined): boolean | undefined {
  if (official.has("all")) return true;
  const isPart = contains(official, part);
  if (part !== undefined && official.size > 0 && !isPart) return false;
  if (own.size === 0) return isPart;
  if (split === undefined) return undefined;
  return own.has(split) || (isPart ? undefined : false);
}

/** A manifest tells the formats of its data: this one may have been imported under another name, which is all that the lists have. */
function isListedByAnotherName(
  training: HeadManifest["provenance"]["training"],
  lists: readonly ListedParts[],
  sources: readonly string[],
) {
  const isTold = trainingData(training).some((item) => "format" in item && sources.includes(String(item.format)));
  return isTold && lists.every(({ own, official }) => own.size + official.size === 0);
}

/** Whether a head's manifest names the very records of an imported dataset as those that it was trained on. */
export function isTrainedOn({ provenance: { training } }: HeadManifest, manifestSha256: string | undefined): boolean {
  return trainingData(training).some((item) => "manifestSha256" in item && item.manifestSha256 === manifestSha256);
}

function trainingData(training: HeadManifest["provenance"]["training"]): object[] {
  const data: readonly unknown[] = Array.isArray(training?.["data"]) ? training["data"] : [];
  return data.filter((item) => typeof item === "object" && item !== null);
}

/** How many faces have each role, the roles in a fixed order; only roles that there are. */
export function countRoles(roles: readonly FaceRole[]): readonly (readonly [FaceRole, number])[] {
  return (["training", "selection", "held out", "unknown"] as const).flatMap((role) => {
    const count = roles.filter((one) => one === role).length;
    return count === 0 ? [] : [[role, count] as const];
  });
}

/** What a split was to a head, by its faces: `mixed` where they differ. */
export function splitRole(roles: readonly FaceRole[]): SplitRole {
  const counts = countRoles(roles);
  return counts.length > 1 ? "mixed" : (counts[0]?.[0] ?? "unknown");
}

/** The worst of several roles: one head that knows the split flatters the whole model. */
export function joinRoles(roles: readonly SplitRole[]): SplitRole {
  const order: readonly SplitRole[] = ["training", "mixed", "selection", "unknown", "held out"];
  return order.find((role) => roles.includes(role)) ?? "unknown";
}
