import { join } from "node:path";
import type { Dataset } from "./dataset.node.ts";
import { lockFolder } from "../files/file-lock.node.ts";
import { writeManifest } from "./manifest.node.ts";
import type { FaceRecord, Split } from "./record.ts";
import { readKeptSplits } from "./kept-splits.node.ts";
import { alignSplits, assignFolds, countLessProtected, findLeakage, type Leak } from "./splits.ts";

export interface ResplitOptions {
  /** Folds for cross-validation, in place of the dataset's own; those remain as `officialSplit`. @default the dataset's own, if it has any */
  readonly folds?: number | undefined;
  /** An earlier manifest or folder of the dataset: see {@link KeptFaces}. @default none */
  readonly keep?: string | undefined;
  /** Looks, but changes nothing. @default false */
  readonly dryRun?: boolean | undefined;
}

/** What became of the faces of an earlier manifest. */
export interface KeptFaces {
  readonly found: number;
  /** Those that stand in a less protected split than before, because their makers put them there. */
  readonly lessProtected: number;
}

export interface Resplit {
  readonly counts: Readonly<Record<Split, number>>;
  readonly moved: number;
  readonly leaks: readonly Leak[];
  /** Absent where nothing was to be kept. */
  readonly kept: KeptFaces | undefined;
}

function withFolds(records: readonly FaceRecord[], count: number): FaceRecord[] {
  const folds = assignFolds(records, count);
  return records.map((record, index) => ({ ...record, fold: folds[index]! }));
}

/** Aligns splits, and keeps those of an earlier manifest where there is one. @throws the codes of {@link readKeptSplits} */
export async function alignKept(
  records: readonly FaceRecord[],
  keep: string | undefined,
): Promise<{ readonly aligned: FaceRecord[]; readonly kept: KeptFaces | undefined }> {
  if (keep === undefined) return { aligned: alignSplits(records), kept: undefined };
  const previous = await readKeptSplits(keep, records);
  const aligned = alignSplits(records, previous);
  return { aligned, kept: { found: previous.size, lessProtected: countLessProtected(aligned, previous) } };
}

/** Brings subjects and duplicate groups to one side of every border that was cut by hash, and makes folds where asked to. */
export async function resplitDataset(dataset: Dataset, { folds, keep, dryRun = false }: ResplitOptions = {}): Promise<Resplit> {
  await using _lock = dryRun ? undefined : await lockFolder(dataset.directory);
  const before = await Array.fromAsync(dataset.records());
  const { aligned, kept } = dryRun ? { aligned: before, kept: undefined } : await alignKept(before, keep);
  const records = folds === undefined || dryRun ? aligned : withFolds(aligned, folds);
  if (!dryRun) await writeManifest(join(dataset.directory, dataset.info.manifest), records);
  const counts = { train: 0, validation: 0, test: 0 };
  for (const { split } of records) counts[split]++;
  const moved = records.filter(({ split }, index) => split !== before[index]!.split).length;
  return { counts, moved, leaks: findLeakage(records), kept };
}
