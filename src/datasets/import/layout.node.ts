import { join } from "node:path";
import { TensorFaceError } from "../../core/index.ts";
import { pathKind, sortedNames } from "../../files/files.node.ts";

/** Picture files by their extension, as cameras and archives write them. */
const pictureExtension = /\.(jpe?g|png|webp|gif|tiff?|avif|bmp)$/i;

export function isPictureName(name: string): boolean {
  return pictureExtension.test(name);
}

/** @throws {TF_INPUT_NOT_FOUND} when nothing is at `source` */
export async function requireSource(source: string): Promise<"file" | "folder"> {
  const kind = await pathKind(source);
  if (kind === "none") throw new TensorFaceError("TF_INPUT_NOT_FOUND", `"${source}" does not exist`);
  return kind;
}

/** The error for a source that is not in the layout of its format. */
export function layoutError(format: string, source: string, wanted: string): TensorFaceError {
  return new TensorFaceError("TF_DATASET_LAYOUT", `"${source}" is not a ${format} dataset: looked for ${wanted}`);
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

/** Every picture below `root/folder`, in a fixed order, as paths relative to `root`. */
export async function* walkPictures(root: string, folder = ""): AsyncGenerator<string> {
  for (const { name, isFolder } of await sortedNames(join(root, folder))) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (isFolder) yield* walkPictures(root, path);
    else if (isPictureName(name)) yield path;
  }
}

/** A path without its extension: the stable part of ids. */
export function stem(path: string): string {
  return path.replace(/\.[^./]+$/, "");
}
