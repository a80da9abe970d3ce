import { join, relative, resolve, sep } from "node:path";
import { TensorFaceError } from "../../core/index.ts";
import { type DatasetCounts, type DatasetInfo, datasetInfoSchema } from "../dataset-info.ts";
import { hashFile, pathKind, readTextFile } from "../../files/files.node.ts";
import { readManifest } from "../manifest.node.ts";
import type { FaceRecord } from "../record.ts";
import { rejectionsFile } from "../rejections.node.ts";
import { type ImportRequest, readNotedManifest, type Workspace } from "./workspace.node.ts";

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

/** Whether an import came to nothing. One whose pictures are all missing did not: where that is allowed, the table is had without them. */
export function holdsNothing({ faces, rejectionsByReason }: DatasetCounts): boolean {
  return faces === 0 && (rejectionsByReason["missing-picture"] ?? 0) === 0;
}

/**
 * Looks at what an import would write over, in a folder that is locked.
 * @param root the folder that the source's pictures are relative to
 * @returns the manifest of the same import, where it was made before
 * @throws {TF_DATASET_CONFLICT} when `out` holds files of somebody else by the names that an import writes, a dataset of another kind or place, or one whose manifest has changed since its import
 * @throws {TF_DATASET_INVALID} when its `dataset.json` is damaged
 */
export async function checkOutput(out: string, request: ImportRequest, root: string): Promise<string | undefined> {
  const path = join(out, "dataset.json");
  if ((await pathKind(path)) !== "file") {
    await refuseForeignFiles(out);
    return undefined;
  }
  const old = await readOldInfo(path);
  if (old !== undefined && holdsNothing(old.counts)) return undefined;
  if (old === undefined || !isSameImport(old, out, request, root)) {
    const what = old === undefined ? "another dataset" : `a ${old.format} dataset made by: ${old.command}`;
    throw new TensorFaceError("TF_DATASET_CONFLICT", `"${out}" holds ${what}`);
  }
  const manifest = join(out, old.manifest);
  if ((await pathKind(manifest)) !== "file") return undefined;
  const found = await hashFile(manifest);
  if (found === old.manifestSha256 || found === (await readNotedManifest(out, request))) return manifest;
  throw new TensorFaceError(
    "TF_DATASET_CONFLICT",
    `"${manifest}" has changed since its import, by \`dataset duplicates\` or \`split\` say`,
    {
      hint: `Import into another folder; or rename ${old.manifest}, import again, and run them again with --keep and its new name, so that faces stay in their splits.`,
    },
  );
}

/** What an import writes besides `dataset.json` and pictures. */
const ownFiles = ["manifest.jsonl", "manifest.parquet", rejectionsFile] as const;

/** Where no import was begun, a file by one of its names is somebody else's. */
async function refuseForeignFiles(out: string): Promise<void> {
  if ((await pathKind(join(out, ".import"))) === "folder") return;
  for (const name of ownFiles) {
    if ((await pathKind(join(out, name))) === "none") continue;
    throw new TensorFaceError("TF_DATASET_CONFLICT", `"${out}" holds a ${name} that no import has written`, {
      hint: "Choose another output folder, or give that file another name.",
    });
  }
}

/**
 * Whether a picture that is there already may be replaced by another one: only a copy that an earlier or an interrupted run of the same
 * import made.
 * @param manifest of the earlier run
 */
export function createCopyCheck(manifest: string | undefined, workspace: Workspace): (file: string, path: string) => Promise<boolean> {
  let copies: Promise<ReadonlySet<string>> | undefined;
  return async (file, path) => {
    copies ??= readCopies(manifest === undefined ? [workspace.taken()] : [readManifest(manifest), workspace.taken()]);
    return (await copies).has(`${await hashFile(path)} ${file}`);
  };
}

async function readCopies(sources: readonly AsyncIterable<FaceRecord>[]): Promise<ReadonlySet<string>> {
  const copies = new Set<string>();
  for (const source of sources) for await (const { file, sha256 } of source) copies.add(`${sha256} ${file}`);
  return copies;
}
