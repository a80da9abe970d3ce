/** The library for Node: binds the shared rooms to onnxruntime-node, sharp and the file system. */
export type {
  AgeEstimate,
  AnalysisOutcome,
  AnalyzedFace,
  FaceAnalysis,
  FailedAnalysis,
  LabelEstimate,
  StageTimings,
} from "../analyze/analysis.ts";
export { createAnalyzer } from "../analyze/create-analyzer.node.ts";
export { annotateFaces } from "../analyze/annotate-faces.ts";
export type { FaceAnalyzer, NamedPicture } from "../analyze/face-analyzer.ts";
export type {
  AnalyzeAllOptions,
  AnalyzeOptions,
  AnalyzerOptions,
  DetectorChoice,
  NodeAnalyzerOptions,
  PictureLimits,
} from "../analyze/options.ts";
export { isTensorFaceError, TensorFaceError } from "../core/errors.ts";
export type { ErrorCode, ErrorReport, TensorFaceErrorOptions } from "../core/errors.ts";
export { intersectionOverUnion } from "../core/geometry.ts";
export type { BoundingBox, FaceLandmarks, Point } from "../core/geometry.ts";
export { adienceAgeGroups, fairFaceAgeGroups, genders, moods, tasks } from "../core/labels.ts";
export type { AgeGroup, Gender, Mood, Task } from "../core/labels.ts";
export type { ProgressListener, ProgressUpdate } from "../core/progress.ts";
export { decode, type PictureInput } from "../image/decode.node.ts";
export { encode } from "../image/encode.node.ts";
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
