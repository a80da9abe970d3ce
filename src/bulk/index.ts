/** Many pictures, one after the other: what the words of a command line mean, what an earlier run has left, and how results are written. */
export { type AnalysisTally, type PictureWork, runAnalysis, summarizeRun } from "./analysis-run.ts";
export { type AnnotatedCopies, planAnnotation } from "./annotation.ts";
export { createCutter, type CropRendering } from "./crop-files.ts";
export { resumableFormats } from "./earlier-results.ts";
export { createCsvWriter } from "./format/csv.ts";
export { createOutcomeWriter, type OutcomeFormat, outcomeFormats } from "./format/outcome-writer.ts";
export {
  beginsIn,
  countInputs,
  type ExpandOptions,
  expandInputs,
  isSinglePicture,
  localPathOf,
  pictureExtensions,
  type PictureItem,
  preferFiles,
  realPathOf,
} from "./inputs.ts";
export { openResults, remainingItems, withKeptResults } from "./results.ts";
