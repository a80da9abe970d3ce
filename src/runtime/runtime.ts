import type { ElementType, Tensor } from "../core/index.ts";

/**
 * The port between TensorFace and the engine that runs ONNX networks.
 *
 * It guarantees: sessions are safe to run several times at once, give the outputs asked for and nothing else, and
 * release native memory in `dispose`. It must not know about pictures, faces, labels or manifests.
 */
export interface InferenceRuntime {
  /** Which engine this is: `onnxruntime-node` or `onnxruntime-web`, with its version. */
  readonly name: string;
  readonly version: string;
  /** The devices that can be asked for here, the default first; `cpu` (or `wasm`) is always among them. */
  readonly devices: readonly string[];
  /**
   * Loads an ONNX network.
   * @param model the bytes of an ONNX file, or what reads them, which is asked only where they are needed; a path too where there are files
   * @throws {TF_MODEL_INVALID} when the engine cannot read it
   * @throws {TF_DEVICE_UNAVAILABLE} when the device is not there
   */
  load(model: NetworkSource, options?: LoadOptions): Promise<InferenceSession>;
}

/** Where a network comes from; see {@link InferenceRuntime.load}. */
export type NetworkSource = Uint8Array | string | (() => Promise<Uint8Array>);

export interface LoadOptions {
  /** Where to run: one of {@link InferenceRuntime.devices}. @default the runtime's choice */
  readonly device?: string | undefined;
  /** Threads inside one operation (Node; in the browser the page has one number). @default the engine's choice, all physical cores */
  readonly threads?: number | undefined;
  /**
   * The SHA-256 of `model`'s bytes, where they are known to have it: an engine may keep the network as it has made it ready under this name, and
   * the next time it needs no bytes (Node).
   */
  readonly sha256?: string | undefined;
  /**
   * Inputs of many sizes will come, so that the engine plans no memory ahead for each of them: a plan a size, each with a block of its own,
   * takes a tenth more memory and no less time (Node). @default false
   */
  readonly variedSizes?: boolean | undefined;
  /** Writes the engine's profile of every node to files that start with this path (Node only). */
  readonly profile?: string | undefined;
}

/** What the network says of one of its inputs or outputs. */
export interface TensorInfo {
  readonly name: string;
  readonly type: ElementType;
  /** Sizes, or the name of a size that is free. */
  readonly shape: readonly (number | string)[];
}

export interface InferenceSession extends AsyncDisposable {
  readonly device: string;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /**
   * Runs the network once.
   * @param feeds a tensor for every input; their data must not change until the promise settles
   * @param fetches the outputs wanted: names, or tensors to write them into (same type and shape as the result), so that
   *   nothing is allocated or copied. @default all outputs, newly allocated
   * @throws {TF_SHAPE_MISMATCH} when a tensor contradicts what the network says of it
   * @throws {TF_RUNTIME_FAILED} when the engine fails
   * @throws {TF_DISPOSED} after {@link dispose}
   */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches?: readonly string[] | Readonly<Record<string, Tensor | null>>,
  ): Promise<Record<string, Tensor>>;
  /** Releases the network once running calls have ended. Calling it twice does nothing more. */
  dispose(): Promise<void>;
}
