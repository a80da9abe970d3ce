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
export { cropFaces } from "../analyze/crop-faces.ts";
export type { CroppedFace, CropOptions } from "../analyze/crop-faces.ts";
export type { LandmarkTemplate } from "../align/index.ts";
export type { FaceAnalyzer, NamedPicture, ToldTask } from "../analyze/face-analyzer.ts";
export type { AnalyzeAllOptions, AnalyzeOptions, AnalyzerOptions, DetectorChoice, PictureLimits } from "../analyze/options.ts";
export { isTensorFaceError, TensorFaceError } from "../core/errors.ts";
export type { ErrorCode, ErrorReport, TensorFaceErrorOptions } from "../core/errors.ts";
export { intersectionOverUnion } from "../core/geometry.ts";
export type { BoundingBox, FaceLandmarks, Point } from "../core/geometry.ts";
export { adienceAgeGroups, fairFaceAgeGroups, genders, moods } from "../core/labels.ts";
export type { AgeGroup, Gender, Mood } from "../core/labels.ts";
export { builtInTasks } from "../core/tasks.ts";
export type { BuiltInTask, TaskDefinition, TaskKind } from "../core/tasks.ts";
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
