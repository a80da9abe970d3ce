/** What the library for Node and the one for browsers have in common. */
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
  NumberEstimate,
  StageTimings,
  TagsEstimate,
} from "../analyze/analysis.ts";
export { annotateFaces } from "../analyze/annotate-faces.ts";
export { cropFaces, type CroppedFace } from "../analyze/crop-faces.ts";
export type { AnalyzeAllOptions, AnalyzeOptions, AnalyzerOptions, CropOptions, DetectorChoice, PictureLimits } from "../analyze/options.ts";
export type { LandmarkTemplate } from "../align/index.ts";
export type { FaceAnalyzer, NamedPicture, ToldTask } from "../analyze/face-analyzer.ts";
export { type ErrorCode, type ErrorReport, isTensorFaceError, TensorFaceError, type TensorFaceErrorOptions } from "../core/errors.ts";
export { type BoundingBox, type FaceLandmarks, intersectionOverUnion, type Point } from "../core/geometry.ts";
export { adienceAgeGroups, type AgeGroup, fairFaceAgeGroups, type Gender, genders, type Mood, moods } from "../core/labels.ts";
export { type BuiltInTask, builtInTasks, type TaskDefinition, type TaskKind } from "../core/tasks.ts";
export type { ProgressListener, ProgressUpdate } from "../core/progress.ts";
export type {
  AnnotateOptions,
  DecodedPicture,
  DecodeOptions,
  EncodeOptions,
  EncodingFormat,
  PictureFormat,
  RasterImage,
} from "../image/index.ts";
export type { DetectorManifest, HeadManifest, LandmarkManifest, ModelManifest } from "../models/manifest.ts";
export type { ModelReference } from "../models/store.ts";
