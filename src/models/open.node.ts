import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isArrayBuffer, isTensorFaceError, isTypedArray, isWebObject, TensorFaceError } from "../core/index.ts";
import { pathKind, readFailure, readRegularFile, readTextFile } from "../files/files.node.ts";
import { isModelFile, openModelFile } from "./model-file.ts";
import { checkManifest, parseJson, parseManifest } from "./parse.ts";
import { nodeSha256, readNetwork } from "./read-network.node.ts";
import type { ModelReference, OpenedModel } from "./store.ts";

/**
 * Finds the model that somebody names: at a path (a model's folder, its manifest `.json` or a one-file `.onnx`), in memory, or else by
 * its id. A path wins, but a folder without a model in it, which only happens to be called like one, does not.
 * @throws {TF_MODEL_NOT_FOUND} when nothing is there
 * @throws {TF_MODEL_INVALID | TF_MODEL_CORRUPT} when it is no model, or a damaged one
 * @throws {TF_INVALID_ARGUMENT} for an address on the web, or a folder of several models
 */
export async function openModelReference(reference: ModelReference, byName: (name: string) => Promise<OpenedModel>): Promise<OpenedModel> {
  if (isWebObject(reference, "Blob")) return openModelFile(await reference.bytes(), "the model", nodeSha256);
  if (isTypedArray(reference, "Uint8Array")) return openModelFile(reference, "the model", nodeSha256);
  if (isArrayBuffer(reference)) return openModelFile(new Uint8Array(reference), "the model", nodeSha256);
  const path = pathOf(reference);
  const kind = await pathKind(path);
  if (kind === "file") return openModelPath(path);
  if (kind === "folder") {
    const found = await openModelFolder(path);
    if (found !== undefined) return found;
    if (looksLikePath(path)) throw new TensorFaceError("TF_MODEL_NOT_FOUND", `the folder "${path}" holds no model: no manifest and no .onnx file with one inside`);
  } else if (looksLikePath(path)) {
    throw new TensorFaceError("TF_MODEL_NOT_FOUND", `there is no model at "${path}"`);
  }
  return byName(path);
}

function pathOf(reference: string | URL): string {
  const text = String(reference);
  if (text.startsWith("file:")) return fileURLToPath(text);
  if (!/^https?:/i.test(text)) return text;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `a model cannot be read from ${text}`, { hint: "Download the file first, and give its path." });
}

/** Bytes of a network's file: its format has no room for more. */
const largestModel = 2 ** 31;

function looksLikePath(text: string): boolean {
  return /[/\\]|\.(json|onnx)$/i.test(text);
}

/** The model that a file is, or tells of. @throws as {@link openModelReference} */
async function openModelPath(path: string): Promise<OpenedModel> {
  const bytes = await readRegularFile(path, { maxBytes: largestModel });
  if (/\.json$/i.test(path)) return openManifest(new TextDecoder().decode(bytes), path);
  const beside = path.replace(/\.onnx$/i, ".json");
  const isPlain = beside !== path && !(await isModelFile(bytes, `"${path}"`)) && (await pathKind(beside)) === "file";
  return isPlain ? openModelPath(beside) : openModelFile(bytes, `"${path}"`, nodeSha256);
}

function openManifest(text: string, path: string): OpenedModel {
  const manifest = parseManifest(text, path);
  return { manifest, read: async () => readNetwork(dirname(path), manifest) };
}

/**
 * The model in a folder of its own, beside which may lie what belongs to it: a card, results, settings. Undefined where there is none.
 * @throws {TF_INVALID_ARGUMENT} when there are several
 * @throws {TF_MODEL_INVALID} when its manifest is none that this version reads
 */
export async function openModelFolder(folder: string): Promise<OpenedModel | undefined> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw readFailure(error, folder);
  });
  const manifests: OpenedModel[] = [];
  for (const name of names.filter((name) => name.endsWith(".json")).toSorted()) {
    const path = join(folder, name);
    const value = await readSchema(path);
    if (value !== undefined) {
      const manifest = checkManifest(value, path);
      manifests.push({ manifest, read: async () => readNetwork(folder, manifest) });
    }
  }
  if (manifests.length === 1) return manifests[0];
  if (manifests.length > 1) throw severalModels(folder, manifests.map(({ manifest }) => `${manifest.id}.json`));
  const files = names.filter((name) => name.endsWith(".onnx")).toSorted();
  if (files.length > 1) throw severalModels(folder, files);
  return files[0] === undefined ? undefined : openModelPath(join(folder, files[0]));
}

function severalModels(folder: string, files: readonly string[]): TensorFaceError {
  return new TensorFaceError("TF_INVALID_ARGUMENT", `"${folder}" holds several models: ${files.join(", ")}`, {
    hint: `Name one of them, such as "${join(basename(folder), files[0]!)}".`,
  });
}

/** Whether a file is a manifest, by its own word. @throws {TF_MODEL_INVALID} when it is one that is damaged */
export async function holdsManifest(path: string): Promise<boolean> {
  return (await readSchema(path)) !== undefined;
}

/** What a JSON file holds, where it calls itself a manifest: other files may lie beside one. */
async function readSchema(path: string): Promise<unknown> {
  const text = await readTextFile(path).catch((error: unknown) => {
    // A manifest is small: this is something else.
    if (isTensorFaceError(error, "TF_INPUT_TOO_LARGE")) return "";
    throw error;
  });
  if (!text.includes("tensorface.model/")) return undefined;
  const value = parseJson(text, path);
  const isManifest = typeof value === "object" && value !== null && "schema" in value && String(value.schema).startsWith("tensorface.model/");
  return isManifest ? value : undefined;
}
