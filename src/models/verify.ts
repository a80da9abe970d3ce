import { TensorFaceError } from "../core/index.ts";
import type { ModelManifest } from "./manifest.ts";

/** The SHA-256 of some bytes, 64 hexadecimal digits. */
export type Sha256 = (bytes: Uint8Array) => Promise<string>;

/**
 * The platform's own SHA-256. Browsers have it on secure pages (HTTPS, or this machine) only: elsewhere it is undefined.
 */
export const webSha256: Sha256 | undefined =
  globalThis.crypto?.subtle === undefined
    ? undefined
    : async (bytes) => {
        const digest = await globalThis.crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
        return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
      };

/** Refuses a file that is larger than its manifest says, before it is read. @throws {TF_MODEL_CORRUPT} */
export function checkSize(manifest: ModelManifest, bytes: number): void {
  if (bytes > manifest.bytes) throw otherSize(manifest, bytes);
}

function otherSize({ id, file, bytes: expected }: ModelManifest, bytes: number): TensorFaceError {
  return new TensorFaceError("TF_MODEL_CORRUPT", `model "${id}": ${file} has ${bytes} bytes, its manifest says ${expected}`);
}

/**
 * Compares a network with its manifest: size, and SHA-256 where `sha256` is given.
 * @throws {TF_MODEL_CORRUPT} when they differ
 */
export async function verifyModel(manifest: ModelManifest, bytes: Uint8Array, sha256: Sha256 | undefined): Promise<void> {
  const { id, file } = manifest;
  if (bytes.length !== manifest.bytes) throw otherSize(manifest, bytes.length);
  const actual = await sha256?.(bytes);
  if (actual === undefined || actual === manifest.sha256) return;
  throw new TensorFaceError("TF_MODEL_CORRUPT", `model "${id}": ${file} has the SHA-256 ${actual}, its manifest says ${manifest.sha256}`);
}
