import { isTensorFaceError, TensorFaceError } from "../core/index.ts";
import { padEnd } from "../report/terminal.node.ts";
import { megabytesOf, purposeOf } from "./describe.ts";
import type { ModelManifest } from "./manifest.ts";
import { listedModel } from "./model-file.ts";
import type { ModelStore, OpenedModel } from "./store.ts";
import { findUserModel, userModelIds } from "./user-models.node.ts";

/** A model of the user's, or why it cannot be read. */
export type OwnModel = OpenedModel | { readonly id: string; readonly error: TensorFaceError };

/** The user's models; one that is damaged must not hide the others. */
export async function listOwnModels(folder: string): Promise<OwnModel[]> {
  const ids = await userModelIds(folder);
  return Promise.all(
    ids.map(async (id): Promise<OwnModel> => {
      try {
        const found = await findUserModel(folder, id);
        if (found !== undefined) return found;
        return { id, error: new TensorFaceError("TF_MODEL_NOT_FOUND", "the folder holds no model") };
      } catch (error) {
        if (isTensorFaceError(error)) return { id, error };
        throw error;
      }
    }),
  );
}

/** Compares every network with its manifest and prints a line for each; whether all of them are whole. */
export async function verifyInstalled(store: ModelStore, userFolder: string, print: (text: string) => void): Promise<boolean> {
  let isWhole = true;
  const installed = (await store.manifests()).map((manifest) => listedModel(manifest, store.read));
  const models = [...installed, ...(await listOwnModels(userFolder))];
  const idOf = (model: OwnModel): string => ("manifest" in model ? model.manifest.id : model.id);
  const width = Math.max(0, ...models.map((model) => idOf(model).length));
  for (const model of models) {
    try {
      if (!("manifest" in model)) throw model.error;
      await model.read();
      print(`${model.manifest.id.padEnd(width)}  ok  ${megabytesOf(model.manifest)}\n`);
    } catch (error) {
      if (!isTensorFaceError(error)) throw error;
      isWhole = false;
      print(`${idOf(model).padEnd(width)}  failed: ${error.message} [${error.code}]\n`);
    }
  }
  if (installed.length === 0) print("no networks are installed\n");
  return isWhole && installed.length > 0;
}

/** A table of the installed networks, and one of the user's own below it. */
export function renderModelList(installed: readonly ModelManifest[], own: readonly OwnModel[], userFolder: string): string {
  const rowOf = (manifest: ModelManifest): string[] => [
    manifest.id,
    purposeOf(manifest),
    megabytesOf(manifest),
    manifest.provenance.licence,
    manifest.title,
  ];
  const yours = own.map((model) =>
    "manifest" in model ? rowOf(model.manifest) : [model.id, `cannot be read [${model.error.code}]`, "", "", model.error.message],
  );
  const lines = renderRows([...installed.map(rowOf), ...yours]);
  if (yours.length === 0) return `${lines.join("\n")}\n`;
  const head = lines.slice(0, 1 + installed.length);
  return `${[...head, "", `Yours, in ${userFolder}; used where --model names them:`, ...lines.slice(1 + installed.length)].join("\n")}\n`;
}

function renderRows(rows: readonly (readonly string[])[]): string[] {
  const table = [["ID", "For", "Size", "Licence", "Title"], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return table.map((row) =>
    row
      .map((cell, column) => padEnd(cell, widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}
