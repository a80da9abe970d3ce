import type { ProgressListener } from "../core/index.ts";
import type { ModelManifest } from "./manifest.ts";

/**
 * How a caller names a model: the id of one that is listed, or without its number for the newest version (`mood`); a path (a model's folder, its manifest, or a one-file model) where there are
 * files, an address where there are none; or the contents of a one-file model.
 */
export type ModelReference = string | URL | Blob | Uint8Array | ArrayBuffer;

/**
 * Where networks are kept: a folder, or a place on the web. It guarantees that what `read` gives is what the manifest says, byte by
 * byte. It must not know what the networks compute.
 */
export interface ModelStore {
  /** All manifests that may be chosen where nothing is asked for, in the order of preference. @throws {TF_MODEL_INVALID} when one of them is not one */
  readonly manifests: () => Promise<readonly ModelManifest[]>;
  /**
   * The ONNX file of a manifest.
   * @throws {TF_MODEL_NOT_FOUND} when it is not there
   * @throws {TF_MODEL_CORRUPT} when it differs from the manifest
   * @throws {TF_ABORTED} when the signal fires
   */
  readonly read: (manifest: ModelManifest, options?: ReadModelOptions) => Promise<Uint8Array>;
  /**
   * The model that somebody asks for by name, whether it is listed or not.
   * @throws {TF_MODEL_NOT_FOUND} when it is not there
   * @throws {TF_MODEL_INVALID | TF_MODEL_CORRUPT} when it is no model, or a damaged one
   */
  readonly open: (reference: ModelReference) => Promise<OpenedModel>;
}

/** A model that was found. */
export interface OpenedModel {
  readonly manifest: ModelManifest;
  /** Its ONNX file; see {@link ModelStore.read}. */
  readonly read: (options?: ReadModelOptions) => Promise<Uint8Array>;
}

/** How a network's file is read. */
export interface ReadModelOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes so far, of all, where the file comes over the network. */
  readonly onProgress?: ProgressListener | undefined;
}
