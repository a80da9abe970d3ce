import { dirname, resolve } from "node:path";
import { workingExtent } from "../analyze/sizing.ts";
import { TensorFaceError } from "../core/index.ts";
import { readTextFile } from "../files/files.node.ts";
import { decode } from "../image/decode.node.ts";
import { resizeCubic } from "../image/resize.node.ts";
import { parseManifest } from "../models/index.ts";
import { measuredModelFolders, openModelFolders } from "../models/models.node.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import type { EvaluationPlatform } from "./evaluate.ts";

/** The platform of this machine, and the ids of the models that were asked for. */
export interface OpenedModels {
  readonly platform: EvaluationPlatform;
  readonly ids: readonly string[];
}

/**
 * Binds an evaluation to this machine's files, clock and engine.
 * @param models ids of installed heads and, in a clone, of those that are only measured against, or paths of manifests (`runs/mood/mood.json`) with their ONNX file beside them
 * @throws {TF_MODEL_NOT_FOUND} when there is no such manifest
 * @throws {TF_MODEL_INVALID} when it is not one
 */
export async function openModels(models: readonly string[], version: string): Promise<OpenedModels> {
  const named = await Promise.all(models.map((model) => locateModel(model)));
  const installed = measuredModelFolders().map((folder) => resolve(folder));
  const others = named.flatMap(({ path }) => (path === undefined || installed.includes(dirname(path)) ? [] : [path]));
  return {
    platform: {
      runtime: createNodeRuntime(),
      models: openModelFolders([...installed, ...new Set(others)]),
      resize: resizeCubic,
      decode: (picture) => decode(picture, { maxExtent: workingExtent }),
      now: () => new Date(),
      version,
    },
    ids: named.map(({ id }) => id),
  };
}

async function locateModel(model: string): Promise<{ readonly id: string; readonly path?: string }> {
  return model.endsWith(".json") ? readManifestFile(model) : { id: model };
}

async function readManifestFile(path: string): Promise<{ readonly id: string; readonly path: string }> {
  const text = await readTextFile(path).catch((cause: unknown) => {
    throw new TensorFaceError("TF_MODEL_NOT_FOUND", `there is no manifest at "${path}"`, { cause });
  });
  return { id: parseManifest(text, path).id, path: resolve(path) };
}
