import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { TensorFaceError } from "../core/index.ts";
import { decode, type PictureInput } from "../image/decode.node.ts";
import { holdStream } from "../image/input.node.ts";
import { resizeCubic } from "../image/resize.node.ts";
import { installedModelFolders, openModelFolders } from "../models/models.node.ts";
import { cacheFolder } from "../runtime/prepared.node.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import type { NodeAnalyzerOptions } from "./options.ts";
import type { AnalyzerPlatform } from "./platform.ts";

/** Two pictures a core: one in the engine, and the next ones decoded by then. */
const picturesPerCore = 2;

/**
 * Node: onnxruntime-node on the networks that come with the package, sharp for pictures.
 * @throws {TF_MODEL_NOT_FOUND} when the folder is not there, or none is named and the code was moved away from its package
 */
export function createNodePlatform({ modelsFolder }: Pick<NodeAnalyzerOptions, "modelsFolder"> = {}): AnalyzerPlatform<PictureInput> {
  if (modelsFolder !== undefined && !existsSync(modelsFolder)) {
    throw new TensorFaceError("TF_MODEL_NOT_FOUND", `modelsFolder: nothing is at ${modelsFolder}`, {
      hint: 'Copy the package\'s folder `models` there, or name the folder that it lies in: join(import.meta.dirname, "models"), for example.',
    });
  }
  const folders = installedModelFolders(modelsFolder);
  return {
    decode,
    hold: holdStream,
    resize: resizeCubic,
    runtime: createNodeRuntime({ cache: cacheFolder(folders[0]!) }),
    models: openModelFolders(folders),
    concurrency: picturesPerCore * availableParallelism(),
    nextTurn: async () => setImmediate(undefined),
  };
}
