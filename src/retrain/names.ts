import { isBuiltInTask, isTaskName } from "../core/index.ts";

/** A name as ids are written: lower case, digits, dashes; letters without their accents. */
export function idOf(name: string): string {
  const id = name
    .normalize("NFKD")
    .replaceAll(/\p{M}+/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return id === "" ? "own" : id;
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
