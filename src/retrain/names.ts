import { isBuiltInTask, isTaskName, spellAsId } from "../core/index.ts";

/** A name as ids are spelled. */
export function idOf(name: string): string {
  return spellAsId(name, "own");
}

/** A name as tasks are called: letters of any script, digits, `-` and `_`. */
export function taskNameOf(name: string): string {
  const task = name
    .normalize("NFC")
    .replaceAll(/[^\p{L}\p{N}\p{M}_-]+/gu, "-")
    .replaceAll(/^[-_]+|[-_]+$/g, "")
    .slice(0, 60);
  return isTaskName(task) && !isBuiltInTask(task) ? task : `${isTaskName(task) ? task : "own"}-class`;
}

/** Parts of a folder that lie above its classes. */
export function isSplitName(name: string): boolean {
  return ["train", "training", "test", "testing", "validation", "val", "valid"].includes(name.toLowerCase());
}
