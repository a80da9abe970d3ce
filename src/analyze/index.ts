/** `FaceAnalyzer`: its options and answers, and what is made of an answer. `create-analyzer.*` bind the platform. */
export type {
  AnalyzeAllOptions,
  AnalyzeOptions,
  AnalyzerOptions,
  CropOptions,
  DetectorChoice,
  NodeAnalyzerOptions,
  PictureLimits,
} from "./options.ts";
export type {
  AgeEstimate,
  AnalysisOutcome,
  AnalyzedFace,
  AttributeEstimate,
  Attributes,
  ClassEstimate,
  FaceAnalysis,
  FailedAnalysis,
  LabelEstimate,
  LabelSetEstimate,
  NumberEstimate,
  StageTimings,
  TagsEstimate,
} from "./analysis.ts";
export { ageLine, annotateFaces, attributeLines, faceLines, labelLine } from "./annotate-faces.ts";
export { cropFaces, type CroppedFace } from "./crop-faces.ts";
export type { FaceAnalyzer, NamedPicture, ToldTask } from "./face-analyzer.ts";
export {
  builtInCsvTasks,
  type Cell,
  createOutcomeCsv,
  csvRow,
  type CsvTask,
  type FaceColumn,
  outcomeColumns,
  ownTaskColumns,
  spreadsheetText,
  taskOfAnswer,
} from "./outcome-csv.ts";
export { roundOutcome } from "./rounding.ts";
export { answerInWords, describeAttribute, hedge, inWords, isUnsureFace, noneOfTheseWords, percent, unsureFaceWords } from "./words.ts";
export { cropDefaults, cropLimits, expectFaces, highestScore, optionLimits } from "./options-check.ts";
export { cropOptionNames, defaultDetector, detectorChoices } from "./options.ts";
export type { AnalyzerPlatform } from "./platform.ts";
