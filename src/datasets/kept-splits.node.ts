import { TensorFaceError } from "../core/index.ts";
import { openDataset } from "./dataset.node.ts";
import { pathKind } from "../files/files.node.ts";
import { readManifest } from "./manifest.node.ts";
import type { FaceRecord, Split } from "./record.ts";
import { moreProtected } from "./splits.ts";

/**
 * Where the faces of `records` stood before: those with the id or the bytes of a face there, by their ids. Where several stood in
 * different splits, the most protected one.
 * @param earlier a folder of an imported dataset, or a manifest of one
 * @throws {TF_INPUT_NOT_FOUND | TF_DATASET_LAYOUT | TF_DATASET_INVALID} when it cannot be read as one
 * @throws {TF_INVALID_ARGUMENT} when it has none of the faces
 */
export async function readKeptSplits(earlier: string, records: readonly FaceRecord[]): Promise<ReadonlyMap<string, Split>> {
  const byKey = new Map<string, Split>();
  const note = (key: string, split: Split): void => void byKey.set(key, moreProtected(byKey.get(key), split));
  const old = (await pathKind(earlier)) === "file" ? readManifest(earlier) : (await openDataset(earlier)).records();
  for await (const { id, sha256, split } of old) {
    note(`id ${id}`, split);
    note(`picture ${sha256}`, split);
  }
  const kept = new Map<string, Split>();
  for (const { id, sha256 } of records) {
    const found = [byKey.get(`id ${id}`), byKey.get(`picture ${sha256}`)].filter((split) => split !== undefined);
    if (found.length > 0) kept.set(id, found.reduce(moreProtected));
  }
  if (kept.size === 0 && records.length > 0) {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${earlier}" has none of the faces whose splits should be kept`, {
      hint: "Give --keep the manifest that this dataset had before, or the folder of the dataset that it grew from.",
    });
  }
  return kept;
}
