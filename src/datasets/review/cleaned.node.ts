import { join } from "node:path";
import { TensorFaceError } from "../../core/index.ts";
import type { Dataset } from "../dataset.node.ts";
import { pathKind } from "../files.node.ts";
import { readManifest } from "../manifest.node.ts";
import type { FaceRecord } from "../record.ts";
import { cleanManifestFile } from "./decisions.node.ts";

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
 * @throws {TF_DATASET_INVALID} when the manifest has changed since then, so that faces might stand in two splits
 */
export async function readCleaned(dataset: Dataset): Promise<CleanedRecords | undefined> {
  const path = join(dataset.directory, cleanManifestFile);
  if ((await pathKind(path)) !== "file") return undefined;
  const cleaned = new Map((await Array.fromAsync(readManifest(path))).map((record) => [record.id, record]));
  const records: FaceRecord[] = [];
  const counts = { dropped: 0, relabelled: 0 };
  for await (const imported of dataset.records()) {
    const record = cleaned.get(imported.id);
    if (record === undefined) {
      counts.dropped++;
      continue;
    }
    if (withoutLabels(record) !== withoutLabels(imported)) throw stale(path);
    if (JSON.stringify(record.labels) !== JSON.stringify(imported.labels)) counts.relabelled++;
    records.push(record);
  }
  if (records.length !== cleaned.size) throw stale(path);
  return { records, ...counts };
}

/** Everything of a record that decisions leave alone. */
function withoutLabels(record: FaceRecord): string {
  return JSON.stringify({ ...record, labels: undefined });
}

function stale(path: string): TensorFaceError {
  return new TensorFaceError("TF_DATASET_INVALID", `"${path}" was made of another state of the manifest`, {
    hint: "Run `tensorface dataset apply` again, or with `--undo` to go back to the imported labels.",
  });
}
