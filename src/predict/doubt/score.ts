import { type ProgressListener, TensorFaceError } from "../../core/index.ts";
import { assignFolds, classesOf, classOf, type FaceRecord, rankSuspicions, type Split, type Suspicion } from "../../datasets/index.ts";
import type { Dataset } from "../../datasets/dataset.node.ts";
import { readDuplicates } from "../../datasets/duplicates.node.ts";
import { cachedFeatures, type FeatureExtractor } from "../../features/feature-cache.node.ts";
import { crossValidatedProbabilities, type FeatureMatrix, joinFeatures } from "../../features/index.ts";
import { measureDataset } from "../../datasets/measures.node.ts";
import { findFlags } from "./quality-flags.ts";

/** Folds of the cross-validation: every label is judged by a classifier that learnt from four fifths of the others. */
const foldCount = 5;

export interface ScoreOptions {
  readonly task: string;
  readonly extractors: readonly FeatureExtractor[];
  /** Faces found in each picture by the detector, by SHA-256; absent where it was not run. */
  readonly faceCounts?: ReadonlyMap<string, number> | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The records that have a label of a task.
 * @param split of this split alone. @default all
 * @throws {TF_DATASET_EMPTY} when there is none
 */
export async function labelledRecords(dataset: Dataset, task: string, split?: Split): Promise<FaceRecord[]> {
  const all = await Array.fromAsync(dataset.records());
  const records = all.filter((record) => (split ?? record.split) === record.split && classOf(record.labels, task) !== undefined);
  if (records.length > 0) return records;
  const where = split === undefined ? "" : ` in its ${split} part`;
  throw new TensorFaceError("TF_DATASET_EMPTY", `"${dataset.directory}" has no face with a label for ${task}${where}`, {
    hint: "Choose a task and a split that the dataset has; `tensorface dataset report` shows them.",
  });
}

/** The labels of a task, ranked by how doubtful they are. */
export async function scoreDataset(dataset: Dataset, records: readonly FaceRecord[], options: ScoreOptions): Promise<Suspicion[]> {
  const { task, onProgress, signal } = options;
  const measures = await measureDataset(dataset, records, { onProgress, signal });
  const parts: FeatureMatrix[] = [];
  for (const extractor of options.extractors) parts.push(await cachedFeatures(dataset, records, extractor, { onProgress, signal }));
  const features = joinFeatures(parts);
  const duplicates = (await readDuplicates(dataset.directory)) ?? [];
  const flags = findFlags(records, { task, measures, features, duplicates, faceCounts: options.faceCounts });
  const faces = records.map((record, index) => ({ id: record.id, given: classOf(record.labels, task)!, flags: flags[index]! }));
  const classes = classesOf(task, dataset.info.tasks);
  return rankSuspicions(task, classes, faces, judgeLabels(records, { task, classes }, features, onProgress));
}

/** Out-of-sample probabilities of the labels, from a cross-validated linear head on the features: `[records, classes]`. */
export function judgeLabels(
  records: readonly FaceRecord[],
  { task, classes }: { readonly task: string; readonly classes: readonly string[] },
  features: FeatureMatrix,
  onProgress?: ProgressListener,
): Float64Array {
  const labels = Int32Array.from(records, (record) => classes.indexOf(classOf(record.labels, task)!));
  return crossValidatedProbabilities(features, labels, assignFolds(records, foldCount), classes.length, {
    onFold: (done, total) => onProgress?.({ stage: "judge labels, fold", done, total }),
  });
}
