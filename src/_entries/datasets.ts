/** Datasets: published layouts and folders of pictures become one manifest of labelled faces, checked picture by picture. Node. */
export { type Dataset, isDataset, openDataset } from "../datasets/dataset.node.ts";
export {
  type DatasetCounts,
  type DatasetFormat,
  datasetFormats,
  type DatasetInfo,
  type FaceLabels,
  type FaceRecord,
  type FormatOptions,
  type RejectionReason,
  rejectionReasons,
  type Split,
  splits,
  type TaskRequest,
} from "../datasets/index.ts";
export { importDataset, type ImportOptions } from "../datasets/import/import.node.ts";
export { exportDataset, type ExportOptions, type ExportSummary } from "../datasets/export/export.node.ts";
export { type ExportFormat, exportFormats } from "../datasets/export/index.ts";
export type { PictureInspector } from "../datasets/import/picture.node.ts";
export type { Cleaning } from "../datasets/review/cleaned.node.ts";
