import { join, relative, resolve, sep } from "node:path";
import { TensorFaceError } from "../../core/index.ts";
import { type DatasetInfo, datasetInfoSchema } from "../dataset-info.ts";
import { hashFile, pathKind, readTextFile } from "../../files/files.node.ts";
import type { ImportRequest } from "./workspace.node.ts";

/** A path as `dataset.json` holds it: from the dataset's folder, `/` between folders. */
export function relativePath(out: string, path: string): string {
  const steps = relative(resolve(out), resolve(path)).split(sep).join("/");
  return steps === "" ? "." : steps;
}

async function readOldInfo(path: string): Promise<DatasetInfo | undefined> {
  const text = await readTextFile(path);
  try {
    return datasetInfoSchema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    throw new TensorFaceError("TF_DATASET_INVALID", `"${path}" is not JSON`, {
      hint: "Import into another folder, or remove the damaged one and import again.",
      cause: error,
    });
  }
}

function isSameImport(old: DatasetInfo, out: string, request: ImportRequest, root: string): boolean {
  if (old.format !== request.format || JSON.stringify(old.options) !== JSON.stringify(request.options)) return false;
  if (old.source !== undefined) return old.source === relativePath(out, request.source);
  // Before the source was noted: pictures that were copied do not tell where they come from.
  return old.root === "." || old.root === relativePath(out, root);
}

/**
 * Looks at what an import would write over.
 * @param root the folder that the source's pictures are relative to
 * @throws {TF_DATASET_CONFLICT} when `out` holds a dataset of another kind or place, or one whose manifest has changed since its import
 * @throws {TF_DATASET_INVALID} when its `dataset.json` is damaged
 */
export async function checkOutput(out: string, request: ImportRequest, root: string): Promise<void> {
  const path = join(out, "dataset.json");
  if ((await pathKind(path)) !== "file") return;
  const old = await readOldInfo(path);
  if (old === undefined || !isSameImport(old, out, request, root)) {
    const what = old === undefined ? "another dataset" : `a ${old.format} dataset made by: ${old.command}`;
    throw new TensorFaceError("TF_DATASET_CONFLICT", `"${out}" holds ${what}`);
  }
  const manifest = join(out, old.manifest);
  if ((await pathKind(manifest)) !== "file" || (await hashFile(manifest)) === old.manifestSha256) return;
  throw new TensorFaceError(
    "TF_DATASET_CONFLICT",
    `"${manifest}" has changed since its import, by \`dataset duplicates\` or \`split\` say`,
    {
      hint: `Import into another folder; or rename ${old.manifest}, import again, and run them again with --keep and its new name, so that faces stay in their splits.`,
    },
  );
}
