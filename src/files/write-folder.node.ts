import { mkdir, readdir, rm, rmdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type ErrorCode, TensorFaceError } from "../core/index.ts";
import { writeFailure } from "./failures.node.ts";
import { lockFile } from "./file-lock.node.ts";
import { putInPlace } from "./put-in-place.node.ts";
import { pathKind } from "./read.node.ts";
import { nameBeside } from "./write.node.ts";

/** @throws `taken` when something is there, but for an empty folder */
async function requireNothing(out: string, taken: ErrorCode): Promise<void> {
  const kind = await pathKind(out);
  if (kind === "none") return;
  const names = kind === "folder" ? await readdir(out).catch((error: unknown) => Promise.reject(writeFailure(error, out))) : [];
  if (kind === "folder" && names.length === 0) return;
  throw new TensorFaceError(taken, kind === "file" ? `"${out}" is a file` : `"${out}" already holds something`, {
    hint: "Choose another output folder: an export replaces nothing.",
  });
}

/**
 * Writes a folder as a whole: it is written beside, and nothing of it is left when `write` fails.
 * @param out a folder that is not there or empty
 * @param write puts everything into the folder that it is given
 * @param taken the error where something is there
 * @throws what `write` throws
 * @throws {TF_FOLDER_BUSY} when another process writes there
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE}
 */
export async function writeNewFolder<Result>(out: string, write: (folder: string) => Promise<Result>, taken: ErrorCode): Promise<Result> {
  const target = resolve(out);
  await mkdir(dirname(target), { recursive: true }).catch((error: unknown) => Promise.reject(writeFailure(error, out)));
  await using _lock = await lockFile(target);
  await requireNothing(target, taken);
  // Its name is always the same, so that what a killed process left is removed.
  const folder = nameBeside(target, ".", ".tensorface-export");
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    const result = await write(folder);
    if ((await pathKind(target)) === "folder") await rmdir(target);
    await putInPlace(folder, target);
    return result;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw writeFailure(error, out);
  }
}
