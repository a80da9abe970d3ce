import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { TensorFaceError } from "../core/index.ts";
import type { ModelManifest } from "./manifest.ts";
import { orderManifests } from "./order.ts";
import { parseManifest } from "./parse.ts";
import type { ModelStore } from "./store.ts";
import { verifyModel } from "./verify.ts";

/** The folders of the networks that come with the package: the project's own, and those converted from others. */
export function installedModelFolders(): readonly string[] {
  const models = modelRoot();
  return [models, join(models, "converted")];
}

/** Those, and in a clone the networks of others that are only measured against: nothing else may choose them. */
export function measuredModelFolders(): readonly string[] {
  return [...installedModelFolders(), join(modelRoot(), "rivals")];
}

function modelRoot(): string {
  // The package's root is the same from the sources and from the build, which lie at different depths.
  return join(dirname(findPackageJSON(".", import.meta.url) ?? "."), "models");
}

/**
 * The networks in some folders: each `*.json` there is a manifest, its ONNX file beside it. Folders that do not exist are empty.
 * The path of a manifest stands for this one alone, whatever else lies beside it.
 * @param sources folders and manifests, in any order. @default the folders of the package
 */
export function openModelFolders(sources: readonly string[] = installedModelFolders()): ModelStore {
  let listing: Promise<ReadonlyMap<ModelManifest, string>> | undefined;
  const list = async (): Promise<ReadonlyMap<ModelManifest, string>> => (listing ??= listSources(sources));
  return {
    manifests: async () => orderManifests([...(await list()).keys()]),
    read: async (manifest) => {
      const folders = await list();
      const folder = [...folders].find(([{ id }]) => id === manifest.id)?.[1];
      if (folder === undefined) throw new TensorFaceError("TF_MODEL_NOT_FOUND", `no model "${manifest.id}" is installed`);
      const bytes = await readModelFile(join(folder, manifest.file), manifest);
      await verifyModel(manifest, bytes, async (data) => createHash("sha256").update(data).digest("hex"));
      return bytes;
    },
  };
}

async function readModelFile(path: string, manifest: ModelManifest): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new TensorFaceError("TF_MODEL_NOT_FOUND", `model "${manifest.id}": ${path} cannot be read`, { cause: error });
  }
}

async function listSources(sources: readonly string[]): Promise<ReadonlyMap<ModelManifest, string>> {
  const paths = await Promise.all(sources.map(async (source) => (source.endsWith(".json") ? [source] : manifestsIn(source))));
  const entries = paths.flat().map(async (path) => [parseManifest(await readFile(path, "utf8"), path), dirname(path)] as const);
  return new Map(await Promise.all(entries));
}

async function manifestsIn(folder: string): Promise<string[]> {
  const files = await listFiles(folder);
  const names = files.filter((name) => name.endsWith(".json") && !notManifests.includes(name)).toSorted();
  return names.map((name) => join(folder, name));
}

/** What else lies in the folders: the browsers' list, and the stamp of the conversion. */
const notManifests: readonly string[] = ["index.json", "stamp.json"];

async function listFiles(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw new TensorFaceError("TF_INPUT_UNREADABLE", `the models' folder ${folder} cannot be read`, { cause: error });
  }
}
