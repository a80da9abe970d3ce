import type { AnalyzedFace, ErrorReport, FaceAnalysis, FailedAnalysis, ModelManifest } from "tensorface/browser";
import type { Answerer } from "../../../src/bridge/index.ts";
import type { BlurAsk, FilmNews, FollowAnswer, FollowAsk, HoldAsk, TableAsk } from "./film-questions.ts";
import type { OpenModelAsk, OwnModelFile, SeeAnswer, SeeAsk, TeachAnswer, TeachAsk } from "./questions.ts";

/** What page and worker say to each other. Pictures cross as Blobs (not copied) or as bitmaps (transferred). */

/** A face with the whole distribution behind its age: a probability for each year from 0. The server does not tell it. */
export interface PageFace extends AnalyzedFace {
  readonly ageCurve?: readonly number[];
}

export interface PageAnalysis extends FaceAnalysis {
  readonly faces: readonly PageFace[];
}

export type PageOutcome = PageAnalysis | FailedAnalysis;

export interface AnalyzerSettings {
  /** Tasks: built-in ones, and what the models tell. */
  readonly tasks: readonly string[];
  /** One-file models of the visitor's. */
  readonly models: readonly Blob[];
  /** Longer side of the smallest face's box to look for in a photo, in pixels; undefined leaves it to the library. */
  readonly minFaceSize: number | undefined;
}

/**
 * How a picture is looked at: a photo with everything that the settings ask for; a frame of the camera, where small faces are left out
 * for speed; a frame whose faces are only found, not judged; a frame judged by the model that was taught last; or a film's frame.
 */
export type Profile = "photo" | "live" | "boxes" | "taught" | "film";

/** How far the networks are loaded. `share` of their bytes, 0..1; `idle` where none are, or those that were being loaded are no longer wanted. */
export type AnalyzerProgress =
  | { readonly kind: "idle" }
  | { readonly kind: "loading"; readonly share: number }
  | { readonly kind: "ready"; readonly device: string; readonly models: readonly string[] }
  | { readonly kind: "failed"; readonly error: ErrorReport };

/** What the worker answers. */
export interface PageService {
  /** Tells how far the networks are loaded, for as long as the worker lives. */
  readonly watch: Answerer<undefined, never, AnalyzerProgress>;
  /** Comes first; asked again, it replaces the settings, and what was loaded with the old ones. */
  readonly configure: Answerer<{ readonly settings: AnalyzerSettings; readonly modelRoot: string }, void>;
  /** The model that was taught last, for a worker that was started after it. */
  readonly remember: Answerer<OwnModelFile, void>;
  /** Loads what a profile needs, so that its first picture need not wait. */
  readonly load: Answerer<Profile, void>;
  readonly analyze: Answerer<PictureAsk, PageAnalysis, PhotoNews>;
  /** The networks beside the page, checked: only the worker has what reads manifests. */
  readonly manifests: Answerer<undefined, readonly ModelManifest[]>;
  readonly openModel: Answerer<OpenModelAsk, OwnModelFile>;
  readonly see: Answerer<SeeAsk, SeeAnswer>;
  readonly teach: Answerer<TeachAsk, TeachAnswer>;
  readonly followFilm: Answerer<FollowAsk, FollowAnswer, FilmNews>;
  /** Rests, or goes on. */
  readonly holdFilm: Answerer<HoldAsk, void>;
  /** Of a film that was followed, like `blurFilm`. */
  readonly filmTable: Answerer<TableAsk, Blob>;
  readonly blurFilm: Answerer<BlurAsk, File, number>;
  /** Lets a film go, and what was found in it. */
  readonly forgetFilm: Answerer<number, void>;
}

/**
 * Of a photo it is told what is known so far: faces first, then their answers. Of one in HEIC the picture comes first, in a form that the
 * browser shows.
 */
export type PhotoNews = { readonly soFar: PageAnalysis } | { readonly shown: Blob };

export interface PictureAsk {
  readonly picture: Blob | ImageBitmap;
  readonly source: string;
  readonly profile: Profile;
}
