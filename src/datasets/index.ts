/** Datasets: importers, the manifest, splits, duplicates, label review, the report. Files are read and written by the `*.node.ts` ones. */
export { type DatasetCounts, type DatasetInfo, datasetInfoSchema } from "./dataset-info.ts";
export { ageGroupName, classOf, labelOf, wordOf } from "./counts.ts";
export { describeImport, listCounts } from "./describe-import.ts";
export { describeDuplicates, describeKept, describeLeaks } from "./describe-splits.ts";
export { type DatasetFormat, datasetFormats, type FormatOptions, type RejectionReason, rejectionReasons } from "./import/source-row.ts";
export { type FaceLabels, faceLabelsSchema, type FaceRecord, faceRecordSchema, type Split, splits } from "./record.ts";
export {
  alignSplits,
  assignFolds,
  findLeakage,
  importSplitKey,
  isOwnSplit,
  type Leak,
  linkedSets,
  splitOfKey,
  type SplitShares,
} from "./splits.ts";
export { expectedWrong, rankSuspicions, type Suspicion, type SuspicionFlag } from "./suspicion.ts";
export { classesOf, requestKinds, reviewClasses, type TaskRequest, reviewableTasks } from "./tasks.ts";
export { laplacianVariance, type LumaImage, meanAndDeviation, assessPicture, type PictureQuality, shrinkLuma, toLuma } from "./quality.ts";
export { type FaceObservation, faceObservationSchema, type FacePlace, isComplete } from "./face-observation.ts";
export { type DuplicatePair, findNearPairs, pictureDetail } from "./duplicates.ts";
export { sideLabelsOf } from "./export/export-format.ts";
export { createUnionFind } from "./union-find.ts";
export { stableFraction } from "./stable-hash.ts";
