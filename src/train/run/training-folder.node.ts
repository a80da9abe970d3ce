import { join } from "node:path";
import { isTensorFaceError, TensorFaceError } from "../../core/index.ts";
import { type FileLock, lockFolder } from "../../files/file-lock.node.ts";
import { pathKind, readTextFile } from "../../files/files.node.ts";
import { trainingConfigSchema } from "../config.ts";

/** Files in a training's folder. */
export const trainingFiles = {
  config: "config.json",
  data: "data.json",
  metrics: "metrics.jsonl",
  last: "last.safetensors",
  best: "best.safetensors",
  report: "report.html",
} as const;

/**
 * Locks a training's folder: two trainings would mix their checkpoints.
 * @param resume whether one that is there is gone on with
 * @throws {TF_FOLDER_BUSY} when another training is at work in it
 * @throws {TF_TRAINING_EXISTS} when it holds a training, and `resume` is not asked for
 * @throws {TF_DATASET_CONFLICT} when it holds files of somebody else by the names that a training writes
 */
export async function lockTraining(folder: string, resume: boolean): Promise<FileLock> {
  const lock = await lockFolder(folder);
  try {
    await requireRoom(folder, resume);
    return lock;
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

async function requireRoom(folder: string, resume: boolean): Promise<void> {
  if (await hasCheckpoint(folder)) {
    if (resume) return;
    throw new TensorFaceError("TF_TRAINING_EXISTS", `"${folder}" already holds a training`);
  }
  // What a training left that was killed before its first checkpoint is nothing that anybody misses.
  if (await isOwnConfig(join(folder, trainingFiles.config))) return;
  for (const name of Object.values(trainingFiles)) {
    if ((await pathKind(join(folder, name))) === "none") continue;
    throw new TensorFaceError("TF_DATASET_CONFLICT", `"${folder}" holds a ${name} that no training has written`, {
      hint: "Name another folder with --out, or give that file another name.",
    });
  }
}

/** Whether there is something to go on from. */
export async function hasCheckpoint(folder: string): Promise<boolean> {
  return (await pathKind(join(folder, trainingFiles.last))) !== "none";
}

/** A training writes its configuration with every default filled in, as nobody does by hand. */
async function isOwnConfig(path: string): Promise<boolean> {
  if ((await pathKind(path)) !== "file") return false;
  try {
    const value: unknown = JSON.parse(await readTextFile(path));
    return JSON.stringify(trainingConfigSchema.parse(value)) === JSON.stringify(value);
  } catch (error) {
    if (isTensorFaceError(error)) throw error;
    return false;
  }
}
