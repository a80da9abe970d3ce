import { type DatasetInfo, reviewableTasks } from "../../datasets/index.ts";
import { usageError } from "../command.ts";

/** The one operand DIR of a dataset command. @throws {TF_INVALID_ARGUMENT} when there is none, or more than one */
export function requireDirectory(command: string, operands: readonly string[]): string {
  const [directory, ...more] = operands;
  if (directory !== undefined && more.length === 0) return directory;
  throw usageError(`dataset ${command} needs one DIR`, "DIR is the folder that `dataset import` wrote.");
}

/**
 * The flag `--task` of commands about labels.
 * @throws {TF_INVALID_ARGUMENT} when it is missing where the dataset has several kinds of labels, or names none that it has
 */
export function chooseTask(given: string | undefined, { tasks, counts: { byLabel } }: Pick<DatasetInfo, "tasks" | "counts">): string {
  const all = reviewableTasks(tasks);
  if (given !== undefined) {
    if (all.includes(given)) return given;
    throw usageError(`--task expects one of ${all.join(", ")}, got "${given}"`);
  }
  const present = all.filter((task) => Object.keys(byLabel[task] ?? {}).length > 0);
  if (present.length === 1) return present[0]!;
  throw usageError(`--task is needed: the dataset has labels for ${present.join(", ") || "nothing"}`);
}
