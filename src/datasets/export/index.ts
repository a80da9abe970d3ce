/** What exporters share: formats and their options. */
export { describeExport } from "./describe-export.ts";
export { type ExportFormat, exportFormats } from "./export-format.ts";
