import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { decode, type PictureInput } from "../image/decode.node.ts";
import { resizeCubic } from "../image/resize.node.ts";
import { openModelFolders } from "../models/models.node.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { createFaceAnalyzer } from "./analyzer.ts";
import type { FaceAnalyzer } from "./face-analyzer.ts";
import type { AnalyzerOptions } from "./options.ts";

/** Two pictures a core: one in the engine, and the next ones decoded by then. */
const picturesPerCore = 2;

/**
 * An analyzer for Node: onnxruntime-node on the networks that come with the package, sharp for pictures.
 *
 * @throws {TF_INVALID_ARGUMENT} for options out of range
 * @throws {TF_MODEL_NOT_FOUND | TF_MODEL_CORRUPT | TF_MODEL_INVALID} when a network cannot be used
 * @throws {TF_DEVICE_UNAVAILABLE} when the device is not there
 *
 * @example
 * await using analyzer = await createAnalyzer();
 * const { faces } = await analyzer.analyze("photo.jpg");
 */
export async function createAnalyzer(options: AnalyzerOptions = {}): Promise<FaceAnalyzer<PictureInput>> {
  const platform = {
    decode,
    resize: resizeCubic,
    runtime: createNodeRuntime(),
    models: openModelFolders(),
    concurrency: picturesPerCore * availableParallelism(),
    nextTurn: async () => setImmediate(undefined),
  };
  return createFaceAnalyzer(platform, options);
}
