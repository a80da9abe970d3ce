/** Datasets: published layouts and folders of pictures become one manifest of labelled faces, checked picture by picture. Node. */
export { type Dataset, isDataset, openDataset } from "../datasets/dataset.node.ts";
export type { DatasetCounts, DatasetInfo } from "../datasets/dataset-info.ts";
export { importDataset, type ImportOptions } from "../datasets/import/import.node.ts";
export { exportDataset, type ExportOptions, type ExportSummary } from "../datasets/export/export.node.ts";
export { type ExportFormat, exportFormats } from "../datasets/export/export-format.ts";
export {
  type DatasetFormat,
  datasetFormats,
  type FormatOptions,
  type RejectionReason,
  rejectionReasons,
} from "../datasets/import/source-row.ts";
export type { PictureInspector } from "../datasets/import/picture.node.ts";
export { type FaceLabels, type FaceRecord, type Split, splits } from "../datasets/record.ts";
export type { Cleaning } from "../datasets/review/cleaned.node.ts";
export type { TaskRequest } from "../datasets/tasks.ts";
