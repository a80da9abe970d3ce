import { signal } from "@preact/signals";
import { isTensorFaceError } from "tensorface/browser";
import type { OwnModelFile } from "../shared/questions.ts";
import { isModelFile } from "../shared/sort-files.ts";
import { explain } from "../shared/words.ts";
import { announcement, changeOwnModels, getAnalyzer, type OwnModel, ownModels, waitForModels } from "./state.ts";

/** Models that the visitor brings: opened from files, or taught on this page; kept only where they say so. */

/** Why the last file was no model, as a sentence. */
export const modelProblem = signal<string | undefined>(undefined);
/** Whether a file is being read and tried. */
export const isOpening = signal(false);

/** Where kept models lie in the browser's Cache Storage: an entry each. */
const cacheName = "tensorface-own-models";

/** Opens one model from what was chosen or dropped: a file, or a model's folder. */
export async function openModel(files: readonly File[]): Promise<void> {
  modelProblem.value = undefined;
  isOpening.value = true;
  try {
    const opened = await getAnalyzer().openModel({ files: files.filter(isModelFile) });
    addOwnModel(opened);
    announcement.value = `${opened.id} is in use.`;
  } catch (error) {
    modelProblem.value = isTensorFaceError(error) ? explain(error.toJSON()) : String(error);
  } finally {
    isOpening.value = false;
  }
}

/**
 * Puts a model in use; an older one of its name goes, and others that tell the same are switched off. Where the older one is kept, the new
 * one is kept in its place: otherwise the older one would be back with the next visit.
 * @param isKept whether it is one that was kept
 */
export function addOwnModel(file: OwnModelFile, isKept = false): void {
  const others = ownModels.value.filter(({ id }) => id !== file.id);
  const isReplacing = !isKept && ownModels.value.some((other) => other.id === file.id && other.isKept);
  const change = (other: OwnModel): OwnModel => (isRival(other, file) ? { ...other, isOn: false } : other);
  const model: OwnModel = { ...file, isOn: true, isKept };
  changeOwnModels([...others.map(change), model]);
  if (isReplacing) void keepOwnModel(model, true);
}

/** Answers have one place for each task. */
function isRival(one: OwnModelFile, other: OwnModelFile): boolean {
  return one.tasks.some(({ name }) => other.tasks.some((task) => task.name === name));
}

export function switchOwnModel(model: OwnModel): void {
  const change = (other: OwnModel): OwnModel => {
    if (other.id === model.id) return { ...other, isOn: !other.isOn };
    return !model.isOn && isRival(other, model) ? { ...other, isOn: false } : other;
  };
  changeOwnModels(ownModels.value.map(change));
}

export async function removeOwnModel({ id, isKept }: OwnModel): Promise<void> {
  changeOwnModels(ownModels.value.filter((other) => other.id !== id));
  if (isKept) await (await caches.open(cacheName)).delete(keyOf(id));
}

/** Keeps a model on this device, or forgets it there. */
export async function keepOwnModel({ id, file }: OwnModel, isKept: boolean): Promise<void> {
  try {
    const cache = await caches.open(cacheName);
    if (isKept) await cache.put(keyOf(id), new Response(file));
    else await cache.delete(keyOf(id));
    const change = (model: OwnModel): OwnModel => (model.id === id ? { ...model, isKept } : model);
    ownModels.value = ownModels.value.map(change);
  } catch {
    modelProblem.value = "The model could not be kept: the browser has no room for it, or keeps nothing in private windows.";
  }
}

function keyOf(id: string): string {
  return new URL(`./own-models/${id}.onnx`, document.baseURI).href;
}

/** Brings back what was kept on an earlier visit. */
export function restoreOwnModels(): void {
  waitForModels(restore());
}

async function restore(): Promise<void> {
  if (globalThis.caches === undefined || !(await caches.has(cacheName))) return;
  const cache = await caches.open(cacheName);
  for (const request of await cache.keys()) {
    const file = await (await cache.match(request))?.blob();
    if (file === undefined) continue;
    const name = decodeURIComponent(new URL(request.url).pathname.split("/").at(-1)!);
    try {
      addOwnModel(await getAnalyzer().openModel({ files: [new File([file], name)] }), true);
    } catch {
      // Another version of the page may not read it any more: it stays, for one that does.
    }
  }
}
