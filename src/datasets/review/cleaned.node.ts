import { join } from "node:path";
import { TensorFaceError } from "../../core/index.ts";
import type { Dataset } from "../dataset.node.ts";
import { hashFile, pathKind } from "../../files/files.node.ts";
import { createRecordDigest, readManifest } from "../manifest.node.ts";
import type { FaceRecord } from "../record.ts";
import { cleaningFile, cleanManifestFile, readCleaning } from "./decisions.node.ts";

/** What the applied decisions changed. */
export interface Cleaning {
  readonly dropped: number;
  readonly relabelled: number;
}

export interface CleanedRecords extends Cleaning {
  /** In the order of the manifest. */
  readonly records: readonly FaceRecord[];
}

/**
 * The records as `tensorface dataset apply` left them; undefined where no decisions are applied.
 * @throws {TF_DATASET_INVALID} when the manifest has changed since then, so that faces might stand in two splits, new ones count
 * as dropped, or corrected labels be as they were; or when the cleaned manifest is not as it was written
 */
export async function readCleaned(dataset: Dataset): Promise<CleanedRecords | undefined> {
  const path = join(dataset.directory, cleanManifestFile);
  if ((await pathKind(path)) !== "file") return undefined;
  const cleaning = await readCleaning(join(dataset.directory, cleaningFile));
  if (cleaning?.cleanSha256 !== (await hashFile(path))) throw notAsWritten(path);
  const cleaned = new Map((await Array.fromAsync(readManifest(path))).map((record) => [record.id, record]));
  const records: FaceRecord[] = [];
  const counts = { dropped: 0, relabelled: 0 };
  const digest = createRecordDigest();
  for await (const imported of dataset.records()) {
    digest.add(imported);
    const record = cleaned.get(imported.id);
    if (record === undefined) {
      counts.dropped++;
      continue;
    }
    if (JSON.stringify(record.labels) !== JSON.stringify(imported.labels)) counts.relabelled++;
    records.push(record);
  }
  if (digest.hex() !== cleaning.recordsSha256) throw stale(path);
  return { records, ...counts };
}

function stale(path: string): TensorFaceError {
  return new TensorFaceError("TF_DATASET_INVALID", `"${path}" was made of another state of the manifest`, {
    hint: "Run `tensorface dataset apply` again, or with `--undo` to go back to the imported labels.",
  });
}

function notAsWritten(path: string): TensorFaceError {
  return new TensorFaceError("TF_DATASET_INVALID", `"${path}" is not as \`dataset apply\` wrote it`, {
    hint: "Labels are corrected in a review or in the manifest itself, not there. Rename it to keep what was changed, and run `tensorface dataset apply` again, or with `--undo` to go back to the imported labels.",
  });
}
