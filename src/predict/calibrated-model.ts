import { TensorFaceError } from "../core/index.ts";
import { pathKind, requireTarget, writeFileAtomically } from "../files/files.node.ts";
import { type HeadManifest, isModelId, makeModelFile } from "../models/index.ts";
import type { CalibrationSettings } from "./calibrate.ts";
import type { OpenedModels } from "./platform.ts";

/** What the user said of the model that is to come. */
export interface CalibratedModelOptions {
  /** What it is called. @default the head's id and `-calibrated` */
  readonly name?: string | undefined;
  /** The file to write. @default its name and `.onnx` */
  readonly out?: string | undefined;
  /** @default photo for heads of faces, crop for those of whole pictures */
  readonly path?: CalibrationSettings["path"] | undefined;
}

/** A head that is to be calibrated, and the model that it becomes. */
export interface CalibratedModelPlan {
  readonly head: HeadManifest;
  readonly id: string;
  readonly out: string;
  readonly path: CalibrationSettings["path"];
}

/**
 * @param model how the user named it; the only one that is opened
 * @throws {TF_INVALID_ARGUMENT} when it is no head, or a model cannot be called so
 * @throws {TF_MODEL_EXISTS} when there is something where the new model would be written
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} when nothing can be written there
 */
export async function planCalibratedModel(
  model: string,
  { platform, ids }: OpenedModels,
  { name, out: file, path }: CalibratedModelOptions,
): Promise<CalibratedModelPlan> {
  const head = (await platform.models.manifests()).find(({ id }) => id === ids[0]);
  if (head?.kind !== "head") {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${model}" tells nothing: it finds faces`, {
      hint: "`tensorface models list` shows what each model is for.",
    });
  }
  const id = name ?? `${head.id}-calibrated`;
  if (!isModelId(id))
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `a model cannot be called "${id}"`, {
      hint: "Name it with --name: lower case letters, digits and dashes, as in my-mood-2.",
    });
  const out = file ?? `${id}.onnx`;
  if ((await pathKind(out)) !== "none") {
    throw new TensorFaceError("TF_MODEL_EXISTS", `"${out}" is there already`, {
      hint: "Choose another file with --out, or remove that one.",
    });
  }
  await requireTarget(out);
  return { head, id, out, path: path ?? (head.sees === "picture" ? "crop" : "photo") };
}

/**
 * Writes the head's network with what was fitted in it, as one file.
 * @param fitted the head's manifest, calibrated
 * @returns the manifest of the new model
 */
export async function writeCalibratedModel(
  { head, id, out }: CalibratedModelPlan,
  fitted: HeadManifest,
  { platform }: OpenedModels,
): Promise<HeadManifest> {
  const calibrated = { ...fitted, id, title: `${head.title}, calibrated` };
  await writeFileAtomically(out, await makeModelFile(await platform.models.read(head), calibrated));
  return calibrated;
}
