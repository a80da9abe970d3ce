import { TensorFaceError } from "../core/index.ts";
import { checksumKey, embeddedKey, type HeadManifest, type ModelManifest } from "./manifest.ts";
import { checkManifest, parseJson } from "./parse.ts";
import type { OpenedModel } from "./store.ts";
import { type Sha256, webSha256 } from "./verify.ts";

/**
 * A model in one file: an ONNX network whose metadata holds its manifest under the key `tensorface`, without what the file says itself
 * (`file`, `bytes`, `sha256`). It can be sent, saved and opened as one thing.
 */

/** The manifest of a head before it is known how its file came out. */
export type EmbeddedManifest = Omit<HeadManifest, "file" | "bytes" | "sha256">;

/** Stands for a hash where a browser gives none (pages without HTTPS): there nothing is compared either. */
const unknownHash = "0".repeat(64);

/**
 * Opens a one-file model.
 * @param where names it in errors
 * @throws {TF_MODEL_INVALID} when it is no ONNX file, has no manifest, or one that this version does not read
 * @throws {TF_MODEL_CORRUPT} when it has changed since it was saved
 */
export async function openModelFile(bytes: Uint8Array, where: string, sha256: Sha256 | undefined = webSha256): Promise<OpenedModel> {
  const embedded = await readEmbedded(bytes, where, sha256);
  const hash = (await sha256?.(bytes)) ?? unknownHash;
  const value: unknown = parseJson(embedded, `the manifest in ${where}`);
  const completed = typeof value === "object" && value !== null ? { ...value, file: fileOf(value), bytes: bytes.length, sha256: hash } : value;
  return { manifest: checkManifest(completed, `the manifest in ${where}`), read: async () => bytes };
}

/** Whether an ONNX file is a model by itself. @throws {TF_MODEL_INVALID} when it is no ONNX file */
export async function isModelFile(bytes: Uint8Array, where: string): Promise<boolean> {
  return (await metadataOf(bytes, where)).has(embeddedKey);
}

/** The network as a one-file model. @throws {TF_MODEL_INVALID} when the bytes are no ONNX file or the manifest contradicts itself */
export async function makeModelFile(network: Uint8Array, manifest: EmbeddedManifest | HeadManifest): Promise<Uint8Array> {
  const { file: _file, bytes: _bytes, sha256: _sha256, ...embedded } = { file: "", bytes: 0, sha256: "", ...manifest };
  const { withMetadata, withoutMetadata } = await import("../graph/metadata/index.ts");
  await metadataOf(network, `the network of "${manifest.id}"`);
  checkManifest({ ...embedded, file: fileOf(manifest), bytes: 1, sha256: unknownHash }, `the manifest of "${manifest.id}"`);
  const whole = withMetadata(withoutMetadata(network, [checksumKey]), { [embeddedKey]: JSON.stringify(embedded) });
  const sum = await webSha256?.(whole);
  return sum === undefined ? whole : withMetadata(whole, { [checksumKey]: sum });
}

async function readEmbedded(bytes: Uint8Array, where: string, sha256: Sha256 | undefined): Promise<string> {
  const metadata = await metadataOf(bytes, where);
  const [embedded, expected] = [metadata.get(embeddedKey), metadata.get(checksumKey)];
  if (expected !== undefined) await checkSum(bytes, expected, where, sha256);
  if (embedded !== undefined) return embedded;
  throw new TensorFaceError("TF_MODEL_INVALID", `${where} is an ONNX file without a manifest, so what its numbers mean is not known`, {
    hint: 'Give its manifest (a .json file beside it) instead, or a file that TensorFace saved: it has the manifest in its metadata, under "tensorface".',
  });
}

async function checkSum(bytes: Uint8Array, expected: string, where: string, sha256: Sha256 | undefined): Promise<void> {
  const { withoutMetadata } = await import("../graph/metadata/index.ts");
  const actual = await sha256?.(withoutMetadata(bytes, [checksumKey]));
  if (actual === undefined || actual === expected) return;
  throw new TensorFaceError("TF_MODEL_CORRUPT", `${where} is damaged: it has the SHA-256 ${actual}, and was saved with ${expected}`, {
    hint: "Copy the file again from where it came.",
  });
}

async function metadataOf(bytes: Uint8Array, where: string): Promise<ReadonlyMap<string, string>> {
  // Read only where somebody brings a file of their own: most pages never do.
  const { readMetadata } = await import("../graph/metadata/index.ts");
  try {
    if (bytes.length === 0) throw new RangeError("the file is empty");
    return readMetadata(bytes);
  } catch (error) {
    throw new TensorFaceError("TF_MODEL_INVALID", `${where} is no ONNX file, or a damaged one`, { cause: error });
  }
}

function fileOf(manifest: object): string {
  return "id" in manifest && typeof manifest.id === "string" ? `${manifest.id}.onnx` : "model.onnx";
}

/** @throws {TF_INVALID_ARGUMENT} when the model is a detector or the like */
export function expectHead({ manifest }: Pick<OpenedModel, "manifest">): HeadManifest {
  if (manifest.kind === "head") return manifest;
  throw new TensorFaceError("TF_INVALID_ARGUMENT", `model "${manifest.id}" tells nothing of a face: it is of kind "${manifest.kind}"`);
}

/** A listed model as one that was opened. */
export function listedModel(manifest: ModelManifest, read: (manifest: ModelManifest, ...rest: Parameters<OpenedModel["read"]>) => Promise<Uint8Array>): OpenedModel {
  return { manifest, read: async (options) => read(manifest, options) };
}
