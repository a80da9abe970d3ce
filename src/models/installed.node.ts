import { builtInTasks, isTensorFaceError, TensorFaceError } from "../core/index.ts";
import { displayWidth, padEnd, wrapText } from "../report/terminal.node.ts";
import { fileSizeOf, purposeOf } from "./describe.ts";
import type { DetectorManifest, ModelManifest } from "./manifest.ts";
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
      print(`${model.manifest.id.padEnd(width)}  ok  ${fileSizeOf(model.manifest)}\n`);
    } catch (error) {
      if (!isTensorFaceError(error)) throw error;
      isWhole = false;
      print(`${idOf(model).padEnd(width)}  failed: ${error.message} [${error.code}]\n`);
    }
  }
  if (installed.length === 0) print("no networks are installed\n");
  return isWhole && installed.length > 0;
}

export interface ModelListOptions {
  readonly userFolder: string;
  /** The decoder of the detector that is used where none is named. */
  readonly detector: DetectorManifest["decoder"];
  /** Columns of the terminal; without one no title is broken into lines. */
  readonly width?: number | undefined;
}

/** The networks by when they are used: always, where they are named, and the user's own. */
export function renderModelList(installed: readonly ModelManifest[], own: readonly OwnModel[], options: ModelListOptions): string {
  const isUsed = usedByDefault(installed, options.detector);
  const groups: readonly [title: string, rows: readonly ModelRow[]][] = [
    ["Used by default:", installed.filter(isUsed).map(rowOf)],
    ["Used where --model or --detector names them:", installed.filter((manifest) => !isUsed(manifest)).map(rowOf)],
    [`Yours, used where --model names them; in ${options.userFolder}:`, own.map(ownRow)],
  ];
  const shown = groups.filter(([, rows]) => rows.length > 0);
  if (shown.length === 0) return "no networks are installed\n";
  const lay = tableOf(
    shown.flatMap(([, rows]) => rows),
    options.width,
  );
  const groupsText = shown.map(([title, rows]) => `${[title, rows.flatMap(lay)].flat().join("\n")}\n\n`);
  return `${groupsText.join("")}\`tensorface models show ID\` tells of labels, licence and training.\n`;
}

/** A head for each built-in task, the detector, and the mesh that looks at what it finds. */
function usedByDefault(installed: readonly ModelManifest[], detector: DetectorManifest["decoder"]): (manifest: ModelManifest) => boolean {
  const tells = (manifest: ModelManifest, task: string): boolean =>
    manifest.kind === "head" && manifest.outputs.some((output) => output.task === task);
  const heads = new Set(builtInTasks.map((task) => installed.find((manifest) => tells(manifest, task))));
  return (manifest) =>
    manifest.kind === "head" ? heads.has(manifest) : manifest.kind === "landmarks" || manifest.decoder === detector;
}

type ModelRow = readonly [id: string, purpose: string, size: string, title: string];

const rowOf = (manifest: ModelManifest): ModelRow => [manifest.id, purposeOf(manifest), fileSizeOf(manifest), manifest.title];

function ownRow(model: OwnModel): ModelRow {
  return "manifest" in model ? rowOf(model.manifest) : [model.id, "damaged", "", `${model.error.message} [${model.error.code}]`];
}

/** Lays a row out in the columns of all rows; a title that is too long goes on below itself. */
function tableOf(rows: readonly ModelRow[], width = Number.POSITIVE_INFINITY): (row: ModelRow) => string[] {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => displayWidth(row[column]!))));
  const indent = widths.reduce((sum, each) => sum + each + 2, 2);
  return ([id, purpose, size, title]) => {
    const cells = [id, purpose, size].map((cell, column) => padEnd(cell, widths[column]!));
    const [first = "", ...rest] = wrapText(title, Math.max(width - indent, 24));
    return [`  ${[...cells, first].join("  ")}`.trimEnd(), ...rest.map((line) => " ".repeat(indent) + line)];
  };
}
