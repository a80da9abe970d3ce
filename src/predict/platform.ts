import { basename, resolve } from "node:path";
import { decodeOptions } from "../analyze/pipeline/index.ts";
import { decode } from "../image/decode.node.ts";
import { resizeCubic } from "../image/resize.node.ts";
import type { ModelStore, OpenedModel } from "../models/index.ts";
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
 * @param models ids of installed heads and of the user's own, in a clone also of those that are only measured against, or paths of models
 * @throws {TF_MODEL_NOT_FOUND} when there is no such manifest
 * @throws {TF_MODEL_INVALID} when it is not one
 */
export async function openModels(models: readonly string[], version: string): Promise<OpenedModels> {
  const installed = openModelFolders(measuredModelFolders().map((folder) => resolve(folder)));
  const asked = tellApart(models, await Promise.all(models.map(async (model) => installed.open(model))));
  return {
    platform: {
      runtime: createNodeRuntime(),
      models: withOpened(installed, asked),
      resize: resizeCubic,
      decode: (picture, detector) => decode(picture, decodeOptions({ detector })),
      now: () => new Date(),
      version,
    },
    ids: asked.map(({ manifest }) => manifest.id),
  };
}

/**
 * The same, each with an id of its own: two models that were made of one folder have one name, and are called as their files are, or, where
 * those are namesakes too, by their whole paths.
 */
function tellApart(references: readonly string[], opened: readonly OpenedModel[]): OpenedModel[] {
  const names = references.map((reference) => basename(reference).replace(/\.(onnx|json)$/i, ""));
  const isShared = (list: readonly string[], name: string): boolean => list.filter((other) => other === name).length > 1;
  return opened.map((model, index) => {
    const { id, sha256 } = model.manifest;
    const namesakes = opened.filter(({ manifest }) => manifest.id === id && manifest.sha256 !== sha256);
    if (namesakes.length === 0) return model;
    const name = isShared(names, names[index]!) ? references[index]! : names[index]!;
    // Its bytes are its own, whatever it is called.
    return { manifest: { ...model.manifest, id: name }, read: model.read };
  });
}

/** A store that also has some models that were opened: of one id, they stand for it. */
function withOpened(store: ModelStore, opened: readonly OpenedModel[]): ModelStore {
  const find = (id: string): OpenedModel | undefined => opened.find(({ manifest }) => manifest.id === id);
  return {
    manifests: async () => {
      const listed = await store.manifests();
      return [...opened.map(({ manifest }) => manifest), ...listed.filter(({ id }) => find(id) === undefined)];
    },
    read: async (manifest, options) => (find(manifest.id)?.read ?? (async () => store.read(manifest, options)))(options),
    open: async (reference) => (typeof reference === "string" ? find(reference) : undefined) ?? store.open(reference),
  };
}
