/** Datasets: importers, the manifest, splits, duplicates, label review, the report. Files are read and written by the `*.node.ts` ones. */
export { type Dataset, isDataset, openDataset } from "./dataset.node.ts";
export { type DatasetCounts, type DatasetInfo, datasetInfoSchema } from "./dataset-info.ts";
export { ageGroupName, classOf } from "./counts.ts";
export { importDataset, type ImportOptions } from "./import/import.node.ts";
export { inspectHeader, inspectPixels, type PictureInspector } from "./import/picture.node.ts";
export { type DatasetFormat, datasetFormats, type FormatOptions, type RejectionReason, rejectionReasons } from "./import/source-row.ts";
export { type FaceLabels, faceLabelsSchema, type FaceRecord, faceRecordSchema, type Split, splits } from "./record.ts";
export { alignSplits, assignFolds, findLeakage, type Leak, type SplitShares, splitOfKey } from "./splits.ts";
