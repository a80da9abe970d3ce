import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { TensorFaceError } from "../../core/index.ts";
import { pathKind, readFailure, sortedNames } from "../../files/files.node.ts";
import { fields } from "./labelled-row.ts";
import type { DatasetFormat, FormatOptions } from "./source-row.ts";

/** Picture files by their extension, as cameras and archives write them. */
const pictureExtension = /\.(jpe?g|png|webp|gif|tiff?|avif|hei[cf]|bmp)$/i;

export function isPictureName(name: string): boolean {
  return pictureExtension.test(name);
}

export function isJsonName(name: string): boolean {
  return /\.json$/i.test(name);
}

export function isParquetName(name: string): boolean {
  return /\.parquet$/i.test(name);
}

/** @throws {TF_INPUT_NOT_FOUND} when nothing is at `source` */
export async function requireSource(source: string): Promise<"file" | "folder"> {
  const kind = await pathKind(source);
  if (kind === "none") throw new TensorFaceError("TF_INPUT_NOT_FOUND", `"${source}" does not exist`);
  return kind;
}

/** The error for a source that is not in the layout of its format, with what to do where that is more than to look at the layout. */
export function layoutError(format: string, source: string, wanted: string, hint?: string): TensorFaceError {
  return new TensorFaceError(
    "TF_DATASET_LAYOUT",
    `"${source}" is not ${/^[aei]/.test(format) ? "an" : "a"} ${format} dataset: looked for ${wanted}`,
    hint === undefined ? {} : { hint },
  );
}

/** Problems of a file that an error tells: one of COCO may have one for each of its annotations. */
const toldProblems = 5;

/** What is wrong with a file, its first problems and how many more there are. */
export function problemsOf(error: z.ZodError): string {
  const problems = z.prettifyError(error).split(/\n(?=✖)/);
  const more = problems.length - toldProblems;
  return more > 0 ? `${problems.slice(0, toldProblems).join("\n")}\nand ${more} more` : problems.join("\n");
}

/** What to do where a table of one's own has other columns than those that are looked for. */
export const columnsHint =
  "Say which column holds what: --columns file=COLUMN,mood=COLUMN, or --task NAME --columns file=COLUMN,NAME=COLUMN for labels of your own.";

/**
 * The columns that are named for fields, before any is looked at: one that is misspelt would be no column.
 * @param headers what the source has
 * @throws {TF_INVALID_ARGUMENT} for a field that there is not
 * @throws {TF_DATASET_LAYOUT} for a column that there is not
 */
export function checkNamedColumns(
  format: DatasetFormat,
  source: string,
  headers: readonly string[],
  { columns = {}, tasks = [] }: Pick<FormatOptions, "columns" | "tasks">,
): void {
  const known = [...fields, ...tasks.map(({ name }) => name)];
  for (const [field, header] of Object.entries(columns)) {
    if (!known.includes(field))
      throw new TensorFaceError("TF_INVALID_ARGUMENT", `column field "${field}" is not one of ${known.join(", ")}`);
    if (!headers.includes(header)) throw layoutError(format, source, `the column "${header}"; it has ${headers.join(", ")}`, columnsHint);
  }
}

/** Those of `names` that are files in `folder`, as full paths by name. */
export async function presentFiles(folder: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const name of names) {
    const path = join(folder, name);
    if ((await pathKind(path)) === "file") found.set(name, path);
  }
  return found;
}

/** Whether a folder is what an import writes, which may lie among the pictures. */
export async function isImport(path: string): Promise<boolean> {
  const kinds = await Promise.all(["dataset.json", ".import"].map(async (name) => pathKind(join(path, name))));
  return kinds.some((kind) => kind !== "none");
}

/**
 * Every picture below `root/folder`, in a fixed order, as paths relative to `root`; what an import keeps there is none of them. Links to
 * folders are followed; one that leads back to a folder on its own way holds nothing that is not met elsewhere.
 */
export async function* walkPictures(root: string, folder = ""): AsyncGenerator<string> {
  const names = folder === "" ? [] : folder.split("/");
  const above = await Promise.all(names.map((_, count) => realpath(join(root, ...names.slice(0, count)))));
  yield* walkBelow(root, folder, above);
}

async function* walkBelow(root: string, folder: string, above: readonly string[]): AsyncGenerator<string> {
  const here = await realpath(join(root, folder)).catch((error: unknown) => {
    throw readFailure(error, join(root, folder));
  });
  if (above.includes(here)) return;
  for (const { name, isFolder } of await sortedNames(join(root, folder))) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (isFolder) {
      if (!(await isImport(join(root, path)))) yield* walkBelow(root, path, [...above, here]);
    } else if (isPictureName(name)) yield path;
  }
}

/** A path without its extension: the stable part of ids in datasets whose makers named the files. */
export function stem(path: string): string {
  return path.replace(/\.[^./]+$/, "");
}
