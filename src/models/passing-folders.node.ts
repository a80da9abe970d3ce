import { randomUUID } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isTensorFaceError } from "../core/index.ts";
import { type FileLock, waitForLock } from "../files/file-lock.node.ts";
import { pathKind, readFailure } from "../files/files.node.ts";
import { putInPlace } from "../files/put-in-place.node.ts";
import { isModelId } from "./manifest.ts";

/**
 * Folders among the user's models that are none: a model that is being written, one that stepped aside for another, one that is removed.
 * They live as long as somebody holds the lock; one that is there without it was left by a process that was killed.
 */
type Passing = "new" | "old" | "gone";

/** A name for such a folder. No model can be called so: its name has no dots. */
export function passingFolder(folder: string, kind: Passing, id: string): string {
  return join(folder, `.${kind}.${id}.${randomUUID()}`);
}

const passingName = /^\.(?:new|old|gone)\.[a-z0-9-]+\.[0-9a-f-]+$/;
const oldName = /^\.old\.(?<id>[a-z0-9-]+)\.[0-9a-f-]+$/;
/** What stepped aside in version 0.1.0, which wrote no model's name on it. */
const namelessOld = /^\.old-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The lock of whoever changes something among the user's models, once what a killed process left is put right.
 * @throws {TF_FOLDER_BUSY | TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE}
 */
export async function lockModels(folder: string): Promise<FileLock> {
  const lock = await waitForLock(join(folder, ".lock"));
  try {
    await putRight(folder);
    return lock;
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

/** A model that stepped aside and was never followed comes back; all else that is left is removed. */
async function putRight(folder: string): Promise<void> {
  for (const name of (await namesIn(folder)).filter((each) => passingName.test(each) || namelessOld.test(each))) {
    const path = join(folder, name);
    const id = namelessOld.test(name) ? await modelIn(path) : oldName.exec(name)?.groups?.["id"];
    const isMissed = id !== undefined && (await pathKind(join(folder, id))) === "none";
    if (isMissed) await putInPlace(path, join(folder, id));
    else await rm(path, { recursive: true, force: true });
  }
}

/** Which model a folder holds: its network is called after it. `undefined` where there is no network, as in one half removed. */
async function modelIn(folder: string): Promise<string | undefined> {
  const ids = (await namesIn(folder)).filter((name) => name.endsWith(".onnx")).map((name) => name.slice(0, -".onnx".length));
  return ids.find((id) => isModelId(id));
}

/**
 * Waits for whoever is replacing a model, and brings back what one who was killed had moved aside. Does nothing where no model steps
 * aside, and in a folder that this process may not write.
 * @returns the names of all that lies in the folder
 * @throws {TF_FOLDER_BUSY}
 */
export async function settledNames(folder: string): Promise<string[]> {
  const names = await namesIn(folder);
  if (!names.some((name) => oldName.test(name) || namelessOld.test(name))) return names;
  try {
    await using _settled = await lockModels(folder);
    return await namesIn(folder);
  } catch (error) {
    if (isTensorFaceError(error, "TF_OUTPUT_UNWRITABLE")) return names;
    throw error;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    const failure = readFailure(error, folder);
    if (failure.code === "TF_INPUT_NOT_FOUND") return [];
    throw failure;
  });
}
