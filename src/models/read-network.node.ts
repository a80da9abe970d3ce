import { createHash } from "node:crypto";
import { join } from "node:path";
import { isTensorFaceError, TensorFaceError } from "../core/index.ts";
import { readRegularFile } from "../files/files.node.ts";
import type { ModelManifest } from "./manifest.ts";
import { checkSize, type Sha256, verifyModel } from "./verify.ts";

export const nodeSha256: Sha256 = async (data) => createHash("sha256").update(data).digest("hex");

/**
 * The ONNX file of a manifest in a folder, compared with it.
 * @throws {TF_MODEL_NOT_FOUND} when it is not there
 * @throws {TF_MODEL_CORRUPT} when it differs
 */
export async function readNetwork(folder: string, manifest: ModelManifest): Promise<Uint8Array> {
  const path = join(folder, manifest.file);
  const limits = { maxBytes: manifest.bytes, checkBytes: (bytes: number) => checkSize(manifest, bytes) };
  const bytes = await readRegularFile(path, limits).catch((cause: unknown) => {
    if (isTensorFaceError(cause, "TF_MODEL_CORRUPT")) throw cause;
    throw new TensorFaceError("TF_MODEL_NOT_FOUND", `model "${manifest.id}": ${path} cannot be read`, { cause });
  });
  await verifyModel(manifest, bytes, nodeSha256);
  return bytes;
}
