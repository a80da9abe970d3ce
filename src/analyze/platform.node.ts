import { availableParallelism } from "node:os";
import { setImmediate } from "node:timers/promises";
import { decode, type PictureInput } from "../image/decode.node.ts";
import { holdStream } from "../image/input.node.ts";
import { resizeCubic } from "../image/resize.node.ts";
import { openModelFolders } from "../models/models.node.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import type { AnalyzerPlatform } from "./platform.ts";

/** Two pictures a core: one in the engine, and the next ones decoded by then. */
const picturesPerCore = 2;

/** Node: onnxruntime-node on the networks that come with the package, sharp for pictures. */
export function createNodePlatform(): AnalyzerPlatform<PictureInput> {
  return {
    decode,
    hold: holdStream,
    resize: resizeCubic,
    runtime: createNodeRuntime(),
    models: openModelFolders(),
    concurrency: picturesPerCore * availableParallelism(),
    nextTurn: async () => setImmediate(undefined),
  };
}
