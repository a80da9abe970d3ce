/** Films: their frames, the faces in them followed through time, and what is written of them. `*.node.ts` open and write files. */
export { defaultEvery } from "./pace.ts";
export { blurDefaults, type BlurEffect, blurEffects, type PlanOptions } from "./blur/index.ts";
export { isFilmName } from "./film-names.ts";
export type { FilmLimits } from "./read-film.ts";
export { type FaceInFrame, type FilmFacts, type FrameAnalysis, jsonLine, type VideoTracks } from "./results.ts";
export { createLiveTracks, type LiveTracks } from "./live-tracks.ts";
export { placesAt } from "./tracks/boxes.ts";
export type { AttributeCurves, AttributePoint } from "./tracks/attributes.ts";
export type { AgePoint, CurvePoint, TrackAnswers, TrackSummary } from "./tracks/summary.ts";
