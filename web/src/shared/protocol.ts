import type { AnalyzedFace, ErrorReport, FaceAnalysis, FailedAnalysis } from "tensorface/browser";
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

export interface EngineSettings {
  /** Tasks: built-in ones, and what the models tell. */
  readonly tasks: readonly string[];
  /** One-file models of the visitor's. */
  readonly models: readonly Blob[];
  /** Longer side of the smallest face's box to look for in a photo, in pixels; undefined leaves it to the library. */
  readonly minFaceSize: number | undefined;
}

/**
 * How a picture is looked at: a photo with everything that the settings ask for; a frame of the camera, where small faces are left out
 * for speed; a frame whose faces are only found, not judged; or a frame judged by the model that was taught last.
 */
export type Profile = "photo" | "live" | "boxes" | "taught";

export type ToWorker =
  /** Comes first; sent again, it replaces the settings, and what was loaded with the old ones. */
  | { readonly kind: "settings"; readonly settings: EngineSettings; readonly modelRoot: string }
  /** Loads what a profile needs, so that its first picture need not wait. */
  | { readonly kind: "load"; readonly profile: Profile }
  | {
      readonly kind: "analyze";
      readonly id: number;
      readonly picture: Blob | ImageBitmap;
      readonly source: string;
      readonly profile: Profile;
    }
  | AskMessage
  /** Of a picture or a question. */
  | { readonly kind: "abort"; readonly id: number };

/** A question that has one answer. */
export type AskMessage =
  | { readonly kind: "openModel"; readonly id: number; readonly ask: OpenModelAsk }
  | { readonly kind: "see"; readonly id: number; readonly ask: SeeAsk }
  | { readonly kind: "teach"; readonly id: number; readonly ask: TeachAsk };

export type AnswerMessage =
  | { readonly kind: "opened"; readonly id: number; readonly answer: OwnModelFile }
  | { readonly kind: "seen"; readonly id: number; readonly answer: SeeAnswer }
  | { readonly kind: "taught"; readonly id: number; readonly answer: TeachAnswer };

export type FromWorker =
  /** `share` of the networks' bytes, 0..1. */
  | { readonly kind: "loading"; readonly share: number }
  | { readonly kind: "ready"; readonly device: string; readonly models: readonly string[] }
  | { readonly kind: "failed"; readonly error: ErrorReport }
  /** What is known so far: faces first, then their answers. */
  | { readonly kind: "faces"; readonly id: number; readonly soFar: PageAnalysis }
  | { readonly kind: "outcome"; readonly id: number; readonly outcome: PageOutcome }
  | AnswerMessage
  | { readonly kind: "refusal"; readonly id: number; readonly error: ErrorReport };
