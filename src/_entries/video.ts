/** Films: the people in them followed through time, films with boxes, and files without faces. Node, with the packages mediabunny and @mediabunny/server. */
export {
  analyzeVideo,
  annotateVideo,
  blurFile,
  type BlurFileOptions,
  type FrameAnalyzer,
  type VideoOptions,
} from "../video/analyze-video.node.ts";
export type { BlurResult } from "../video/blur-run.node.ts";
export type { FilmInput, OpenFilmOptions } from "../video/open-film.node.ts";
export type {
  AgePoint,
  AttributeCurves,
  AttributePoint,
  CurvePoint,
  FaceInFrame,
  FilmFacts,
  FilmLimits,
  FrameAnalysis,
  PlanOptions,
  TrackAnswers,
  TrackSummary,
  VideoTracks,
} from "../video/index.ts";
