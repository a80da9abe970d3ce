import { join } from "node:path";
import { TensorFaceError } from "../../core/index.ts";
import { lockFile } from "../../files/file-lock.node.ts";
import { makeFolder, pathKind, writeFileAtomically } from "../../files/files.node.ts";
import { holdsManifest } from "../../models/open.node.ts";
import { checkModelId, type ExportedModel } from "./model-export.node.ts";

/**
 * Makes a model and writes it into a folder: its network, and its manifest beside it. One that is there by its name is replaced, and nothing
 * else: a training keeps its configuration, and a configuration may lie, in the same folder.
 * @param make makes the model, once it is known that there is room for it
 * @throws {TF_INVALID_ARGUMENT} when a model cannot be called so
 * @throws {TF_MODEL_EXISTS} when a file that is no model has one of the two names
 * @throws {TF_FOLDER_BUSY} when another process makes a model of that name there
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE}
 */
export async function writeModelInto(folder: string, id: string, make: () => Promise<ExportedModel>): Promise<ExportedModel> {
  checkModelId(id);
  const made = await makeFolder(folder);
  try {
    await using _lock = await lockFile(join(folder, `${id}.json`));
    await requireRoom(folder, id);
    const model = await make();
    await writeFileAtomically(join(folder, model.manifest.file), model.bytes);
    await writeFileAtomically(join(folder, `${id}.json`), `${JSON.stringify(model.manifest, undefined, 2)}\n`);
    return model;
  } catch (error) {
    await made.undo();
    throw error;
  }
}

async function requireRoom(folder: string, id: string): Promise<void> {
  const [manifest, network] = [`${id}.json`, `${id}.onnx`];
  const hasManifest = (await pathKind(join(folder, manifest))) !== "none";
  if (hasManifest && (await holdsManifest(join(folder, manifest)))) return;
  if (!hasManifest && (await pathKind(join(folder, network))) === "none") return;
  throw new TensorFaceError("TF_MODEL_EXISTS", `"${folder}" holds a ${hasManifest ? manifest : network} that is no model of an export`, {
    hint: "Give the model another name with --id, or another folder with --out.",
  });
}
