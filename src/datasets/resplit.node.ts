import { join } from "node:path";
import type { Dataset } from "./dataset.node.ts";
import { createManifestWriter } from "./manifest.node.ts";
import type { FaceRecord, Split } from "./record.ts";
import { alignSplits, assignFolds, findLeakage, type Leak } from "./splits.ts";

export interface ResplitOptions {
  /** Folds for cross-validation, in place of the dataset's own; those remain as `officialSplit`. @default the dataset's own, if it has any */
  readonly folds?: number | undefined;
  /** Looks, but changes nothing. @default false */
  readonly dryRun?: boolean | undefined;
}

export interface Resplit {
  readonly counts: Readonly<Record<Split, number>>;
  readonly moved: number;
  readonly leaks: readonly Leak[];
}

function withFolds(records: readonly FaceRecord[], count: number): FaceRecord[] {
  const folds = assignFolds(records, count);
  return records.map((record, index) => ({ ...record, fold: folds[index]! }));
}

/** Brings subjects and duplicate groups to one side of every border that was cut by hash, and makes folds where asked to. */
export async function resplitDataset(dataset: Dataset, { folds, dryRun = false }: ResplitOptions = {}): Promise<Resplit> {
  const before = await Array.fromAsync(dataset.records());
  const aligned = dryRun ? before : alignSplits(before);
  const records = folds === undefined || dryRun ? aligned : withFolds(aligned, folds);
  if (!dryRun) {
    const writer = await createManifestWriter(join(dataset.directory, dataset.info.manifest));
    for (const record of records) await writer.write(record);
    await writer.commit();
  }
  const counts = { train: 0, validation: 0, test: 0 };
  for (const { split } of records) counts[split]++;
  const moved = records.filter(({ split }, index) => split !== before[index]!.split).length;
  return { counts, moved, leaks: findLeakage(records) };
}
