import type { ProgressListener } from "../../core/index.ts";
import { classOf } from "../../datasets/counts.ts";
import type { Dataset } from "../../datasets/dataset.node.ts";
import { readDuplicates } from "../../datasets/duplicates.node.ts";
import { cachedFeatures, type FeatureExtractor } from "../../datasets/feature-cache.node.ts";
import { joinFeatures } from "../../datasets/features.ts";
import { crossValidatedProbabilities, type FeatureMatrix } from "../../datasets/logistic-regression.ts";
import { measureDataset } from "../../datasets/measures.node.ts";
import { findFlags } from "../../datasets/quality-flags.ts";
import type { FaceRecord } from "../../datasets/record.ts";
import { classesOfTask } from "../../datasets/review/decisions.ts";
import { assignFolds } from "../../datasets/splits.ts";
import { rankSuspicions, type ReviewTask, type Suspicion } from "../../datasets/suspicion.ts";

/** Folds of the cross-validation: every label is judged by a classifier that learnt from four fifths of the others. */
const foldCount = 5;

export interface ScoreOptions {
  readonly task: ReviewTask;
  readonly extractors: readonly FeatureExtractor[];
  /** Faces found in each picture by the detector, by SHA-256; absent where it was not run. */
  readonly faceCounts?: ReadonlyMap<string, number> | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The labels of a task, ranked by how doubtful they are. */
export async function scoreDataset(dataset: Dataset, options: ScoreOptions): Promise<Suspicion[]> {
  const { task, onProgress, signal } = options;
  const all = await Array.fromAsync(dataset.records());
  const records = all.filter(({ labels }) => classOf(labels, task) !== undefined);
  const measures = await measureDataset(dataset, records, { onProgress, signal });
  const parts: FeatureMatrix[] = [];
  for (const extractor of options.extractors) parts.push(await cachedFeatures(dataset, records, extractor, { onProgress, signal }));
  const features = joinFeatures(parts);
  const duplicates = (await readDuplicates(dataset.directory)) ?? [];
  const flags = findFlags(records, { task, measures, features, duplicates, faceCounts: options.faceCounts });
  const faces = records.map((record, index) => ({ id: record.id, given: classOf(record.labels, task)!, flags: flags[index]! }));
  return rankSuspicions(task, classesOfTask[task], faces, judgeLabels(records, task, features, onProgress));
}

/** Out-of-sample probabilities of the labels, from a cross-validated linear head on the features: `[records, classes]`. */
export function judgeLabels(
  records: readonly FaceRecord[],
  task: ReviewTask,
  features: FeatureMatrix,
  onProgress?: ProgressListener,
): Float64Array {
  const classes = classesOfTask[task];
  const labels = Int32Array.from(records, (record) => classes.indexOf(classOf(record.labels, task)!));
  return crossValidatedProbabilities(features, labels, assignFolds(records, foldCount), classes.length, {
    onFold: (done, total) => onProgress?.({ stage: "judge labels, fold", done, total }),
  });
}
