/** What exporters share: formats and their options. */
export { type ExportFormat, exportFormats } from "./export-format.ts";
