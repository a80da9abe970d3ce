import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TensorFaceError } from "../core/index.ts";
import { readFailure, readTextFile } from "../files/files.node.ts";
import { packageFolder } from "../files/package.node.ts";
import type { ModelManifest } from "./manifest.ts";
import { listedModel } from "./model-file.ts";
import { openModelReference } from "./open.node.ts";
import { findNamed, modelNotFound, orderManifests } from "./order.ts";
import { parseManifest } from "./parse.ts";
import { readNetwork } from "./read-network.node.ts";
import type { ModelStore, OpenedModel } from "./store.ts";
import { findUserModel, userModelFolder } from "./user-models.node.ts";

/**
 * The folders of the networks that come with the package: the project's own, and those converted from others.
 * @param models where the package's folder `models` lies. @default in the package
 * @throws {TF_MODEL_NOT_FOUND} when nothing is given and the code was moved away from its package
 */
export function installedModelFolders(models: string = modelRoot()): readonly string[] {
  return [models, join(models, "converted")];
}

/** Those, and in a clone the networks of others that are only measured against: nothing else may choose them. */
export function measuredModelFolders(): readonly string[] {
  return [...installedModelFolders(), join(modelRoot(), "rivals")];
}

function modelRoot(): string {
  const folder = packageFolder();
  if (folder !== undefined) return join(folder, "models");
  throw new TensorFaceError("TF_MODEL_NOT_FOUND", "the networks cannot be found: this code was moved away from its package", {
    hint: "Copy the package's folder `models` beside your program and name it: createAnalyzer({ modelsFolder: ... }).",
  });
}

/**
 * The networks in some folders: each `*.json` there is a manifest, its ONNX file beside it. Folders that do not exist are empty.
 * The path of a manifest stands for this one alone, whatever else lies beside it.
 *
 * A model that is asked for by name may also lie elsewhere: see {@link openModelReference}. It is never among those that are listed.
 * @param sources folders and manifests, in any order. @default the folders of the package
 * @param userFolder where the user's own models lie. @default {@link userModelFolder}
 */
export function openModelFolders(sources: readonly string[] = installedModelFolders(), userFolder: string = userModelFolder()): ModelStore {
  let listing: Promise<ReadonlyMap<ModelManifest, string>> | undefined;
  const list = async (): Promise<ReadonlyMap<ModelManifest, string>> => (listing ??= listSources(sources));
  const manifests = async (): Promise<ModelManifest[]> => orderManifests([...(await list()).keys()]);
  const read = async (manifest: ModelManifest): Promise<Uint8Array> => {
    const folders = await list();
    const folder = [...folders].find(([{ id }]) => id === manifest.id)?.[1];
    if (folder === undefined) throw new TensorFaceError("TF_MODEL_NOT_FOUND", `no model "${manifest.id}" is installed`);
    return readNetwork(folder, manifest);
  };
  const byName = async (name: string): Promise<OpenedModel> => {
    const own = await findUserModel(userFolder, name);
    if (own !== undefined) return own;
    const listed = await manifests();
    const found = findNamed(listed, name);
    if (found !== undefined) return listedModel(found, read);
    throw modelNotFound(name, listed, `there is no model "${name}": no such path, none of that name in ${userFolder}, and`);
  };
  return { manifests, read, open: async (reference) => openModelReference(reference, byName) };
}

async function listSources(sources: readonly string[]): Promise<ReadonlyMap<ModelManifest, string>> {
  const paths = await Promise.all(sources.map(async (source) => (source.endsWith(".json") ? [source] : manifestsIn(source))));
  const entries = paths.flat().map(async (path) => [parseManifest(await readTextFile(path, largestManifest), path), dirname(path)] as const);
  return new Map(await Promise.all(entries));
}

async function manifestsIn(folder: string): Promise<string[]> {
  const files = await listFiles(folder);
  const names = files.filter((name) => name.endsWith(".json") && !notManifests.includes(name)).toSorted();
  return names.map((name) => join(folder, name));
}

/** Bytes of a manifest: it holds no weights. */
const largestManifest = 1 << 24;

/** What else lies in the folders: the browsers' list, and the stamp of the conversion. */
const notManifests: readonly string[] = ["index.json", "stamp.json"];

async function listFiles(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const failure = readFailure(error, folder);
    if (failure.code === "TF_INPUT_NOT_FOUND") return [];
    throw failure;
  }
}
