import { copyFile, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TensorFaceError } from "../core/index.ts";
import { pathKind, writeFailure } from "../files/files.node.ts";
import { putInPlace } from "../files/put-in-place.node.ts";
import { makeModelFile } from "./model-file.ts";
import { type HeadManifest, headManifestSchema, isModelId } from "./manifest.ts";
import { lockModels, passingFolder } from "./passing-folders.node.ts";
import { nodeSha256 } from "./read-network.node.ts";

/** A model that was opened and looked at. */
export interface AddableModel {
  readonly manifest: HeadManifest;
  /** Its ONNX file. */
  readonly bytes: Uint8Array;
  /** A folder whose card and labels come along; absent for a model in one file. */
  readonly folder: string | undefined;
}

export interface AddModelOptions {
  /** The name that it is asked for by. @default its own id */
  readonly name?: string | undefined;
  /** Takes the place of a model of the same name. @default false */
  readonly replace?: boolean | undefined;
}

/** What belongs to a model and holds nothing of its examples: its card and its labels. */
const companions = /\.md$|^labels\.txt$/;

/**
 * Copies a model into the user's folder, all of it or nothing: a process that is killed on the way leaves no model that is half there and takes
 * none away, and two that add at the same time do it one after the other.
 * @returns the manifest as it stands there
 * @throws {TF_MODEL_EXISTS} when there is one of that name, unless it is to be replaced
 * @throws {TF_OUTPUT_UNWRITABLE | TF_OUTPUT_FULL}
 */
export async function addUserModel(folder: string, model: AddableModel, { name, replace = false }: AddModelOptions = {}): Promise<HeadManifest> {
  const id = name ?? model.manifest.id;
  const { manifest, bytes } = await renamed(model, id);
  return guarded(folder, async () => {
    await mkdir(folder, { recursive: true });
    await using _lock = await lockModels(folder);
    const target = join(folder, id);
    if (!replace && (await pathKind(target)) !== "none") {
      throw new TensorFaceError("TF_MODEL_EXISTS", `"${folder}" has a model "${id}" already`);
    }
    const partial = passingFolder(folder, "new", id);
    try {
      await mkdir(partial);
      await writeFile(join(partial, manifest.file), bytes);
      await writeFile(join(partial, `${id}.json`), `${JSON.stringify(manifest, undefined, 2)}\n`);
      if (model.folder !== undefined) await copyCompanions(model.folder, partial);
      await putFolder(partial, target, passingFolder(folder, "old", id));
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
    return manifest;
  });
}

/**
 * Removes a model from the user's folder.
 * @throws {TF_MODEL_NOT_FOUND} when there is none of that name
 * @throws {TF_OUTPUT_UNWRITABLE}
 */
export async function removeUserModel(folder: string, id: string): Promise<void> {
  const missing = new TensorFaceError("TF_MODEL_NOT_FOUND", `"${folder}" has no model "${id}"`, {
    hint: "`tensorface models list` shows which models are yours; those of the package stay.",
  });
  if (!isModelId(id) || (await pathKind(folder)) !== "folder") throw missing;
  await guarded(folder, async () => {
    await using _lock = await lockModels(folder);
    const target = join(folder, id);
    if ((await pathKind(target)) !== "folder") throw missing;
    const gone = passingFolder(folder, "gone", id);
    await putInPlace(target, gone);
    await rm(gone, { recursive: true, force: true });
  });
}

/** The model under another id: its file and, where it holds its manifest itself, that one too. */
async function renamed({ manifest, bytes }: AddableModel, id: string): Promise<{ readonly manifest: HeadManifest; readonly bytes: Uint8Array }> {
  const file = `${id}.onnx`;
  if (id === manifest.id) return { manifest: { ...manifest, file }, bytes };
  const parsed = headManifestSchema.safeParse({ ...manifest, id, file });
  if (!parsed.success) throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${id}" cannot name a model: use lower case letters, digits and dashes`);
  const whole = await makeModelFile(bytes, parsed.data);
  return { manifest: { ...parsed.data, bytes: whole.length, sha256: await nodeSha256(whole) }, bytes: whole };
}

async function copyCompanions(from: string, to: string): Promise<void> {
  for (const name of (await readdir(from)).filter((each) => companions.test(each))) await copyFile(join(from, name), join(to, name));
}

/** A folder cannot be put over another one: the old one steps aside first, and comes back where the new one cannot take its place. */
async function putFolder(partial: string, target: string, old: string): Promise<void> {
  if ((await pathKind(target)) === "none") return putInPlace(partial, target);
  await putInPlace(target, old);
  try {
    await putInPlace(partial, target);
  } catch (error) {
    await rename(old, target);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}

async function guarded<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw writeFailure(error, folder);
  }
}
