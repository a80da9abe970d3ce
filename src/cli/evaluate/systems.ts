import { type Task, tasks, TensorFaceError } from "../../core/index.ts";
import type { SplitRole } from "../../evaluate/index.ts";
import type { HeadManifest, ModelManifest } from "../../models/manifest.ts";

/** Heads that together are one model in a report: no task is told twice. */
export interface System {
  readonly heads: readonly { readonly manifest: HeadManifest; readonly tasks: readonly Task[] }[];
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
  const chosen = new Map<HeadManifest, Task[]>();
  for (const task of tasks) {
    const head = heads.find((manifest) => tasksOf(manifest).includes(task));
    if (head !== undefined) chosen.set(head, [...(chosen.get(head) ?? []), task]);
  }
  if (chosen.size === 0) throw notInstalled("head", heads);
  return { heads: [...chosen].map(([manifest, tasks]) => ({ manifest, tasks })) };
}

function tasksOf({ outputs }: HeadManifest): Task[] {
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

/**
 * What a split was to a head, by the `trainedOn` and `selectedOn` lists (`fer2013/PublicTest`) in its training facts.
 * Unknown where the manifest does not say.
 */
export function splitRole({ provenance }: HeadManifest, source: string, split: string): SplitRole {
  const { training } = provenance;
  const trainedOn = listOf(training?.["trainedOn"]);
  const selectedOn = listOf(training?.["selectedOn"]);
  if (trainedOn === undefined) return "unknown";
  const name = `${source}/${split}`.toLowerCase();
  const covers = (listed: string) => listed === name || (split === "all" && listed.startsWith(`${source}/`)) || listed === `${source}/all`;
  if (trainedOn.some(covers)) return "training";
  return selectedOn?.some(covers) === true ? "selection" : "held out";
}

function listOf(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.map((item) => String(item).toLowerCase()) : undefined;
}

/** The worst of several roles: one head that knows the split flatters the whole model. */
export function joinRoles(roles: readonly SplitRole[]): SplitRole {
  const order: readonly SplitRole[] = ["training", "selection", "unknown", "held out"];
  return order.find((role) => roles.includes(role)) ?? "unknown";
}
