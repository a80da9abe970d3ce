import type { ProgressListener } from "../core/index.ts";
import type { ModelManifest } from "./manifest.ts";

/**
 * Where networks are kept: a folder, or a place on the web. It guarantees that what `read` gives is what the manifest says, byte by
 * byte. It must not know what the networks compute.
 */
export interface ModelStore {
  /** All manifests, in the order of preference. @throws {TF_MODEL_INVALID} when one of them is not one */
  readonly manifests: () => Promise<readonly ModelManifest[]>;
  /**
   * The ONNX file of a manifest.
   * @throws {TF_MODEL_NOT_FOUND} when it is not there
   * @throws {TF_MODEL_CORRUPT} when it differs from the manifest
   * @throws {TF_ABORTED} when the signal fires
   */
  readonly read: (manifest: ModelManifest, options?: ReadModelOptions) => Promise<Uint8Array>;
}

export interface ReadModelOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes so far, of all, where the file comes over the network. */
  readonly onProgress?: ProgressListener | undefined;
}
