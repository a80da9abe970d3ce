/** The library for browsers: binds the shared rooms to onnxruntime-web and canvas. */
export type {
  AgeEstimate,
  AnalysisOutcome,
  AnalyzedFace,
  FaceAnalysis,
  FailedAnalysis,
  LabelEstimate,
  StageTimings,
} from "../analyze/analysis.ts";
export { type BrowserAnalyzerOptions, createAnalyzer } from "../analyze/create-analyzer.browser.ts";
export { annotateFaces } from "../analyze/annotate-faces.ts";
export type { FaceAnalyzer, NamedPicture } from "../analyze/face-analyzer.ts";
export type { AnalyzeAllOptions, AnalyzeOptions, AnalyzerOptions, DetectorChoice, PictureLimits } from "../analyze/options.ts";
export { isTensorFaceError, TensorFaceError } from "../core/errors.ts";
export type { ErrorCode, ErrorReport, TensorFaceErrorOptions } from "../core/errors.ts";
export { intersectionOverUnion } from "../core/geometry.ts";
export type { BoundingBox, FaceLandmarks, Point } from "../core/geometry.ts";
export { adienceAgeGroups, fairFaceAgeGroups, genders, moods, tasks } from "../core/labels.ts";
export type { AgeGroup, Gender, Mood, Task } from "../core/labels.ts";
export type { ProgressListener, ProgressUpdate } from "../core/progress.ts";
export { decode, type PictureInput } from "../image/decode.browser.ts";
export { encode } from "../image/encode.browser.ts";
export type {
  AnnotateOptions,
  DecodedPicture,
  DecodeOptions,
  EncodeOptions,
  EncodingFormat,
  PictureFormat,
  RasterImage,
} from "../image/index.ts";
export type { ModelManifest } from "../models/manifest.ts";
export { type FetchedModelsOptions, fetchModels } from "../models/models.browser.ts";
export type { ModelStore, ReadModelOptions } from "../models/store.ts";
