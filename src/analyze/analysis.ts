import type { BoundingBox, ErrorReport, FaceLandmarks, Gender, Mood } from "../core/index.ts";

/** One analysed picture: what the command line prints, the HTTP API answers and the library returns. */
export interface FaceAnalysis {
  readonly schema: "tensorface.analysis/1";
  /** The path, URL or name that the caller gave. */
  readonly source: string;
  /** Size of the upright picture, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Largest face first; empty where there is none. */
  readonly faces: readonly AnalyzedFace[];
  /** What heads that see whole pictures tell, by task; absent where there are none. */
  readonly attributes?: Attributes;
  readonly timings: StageTimings;
}

/** One face of an analysis: where it is, and what is told of it. */
export interface AnalyzedFace {
  /** From hairline to chin and from ear to ear, in pixels of the upright picture, inside it; of `dlib` dlib's square, from the brows to the chin. */
  readonly box: BoundingBox;
  /** The detector's raw number, 0..1; of `dlib` from 0 on without an end. */
  readonly score: number;
  /** In pixels of the upright picture; of a face at its edge they may lie outside. */
  readonly landmarks: FaceLandmarks;
  /** Absent when its head was not asked for. */
  readonly age?: AgeEstimate;
  readonly gender?: LabelEstimate<Gender>;
  readonly mood?: LabelEstimate<Mood>;
  /** What is told beside the built-in tasks, by task; absent where nothing is. */
  readonly attributes?: Attributes;
}

/** Answers to tasks that are not built in, by the task's name. */
export type Attributes = Readonly<Record<string, AttributeEstimate>>;

/** The answer to a task that is not built in, by the task's kind. */
export type AttributeEstimate = ClassEstimate | TagsEstimate | NumberEstimate;

/** One of some classes, or of some groups in order. */
export interface ClassEstimate {
  /** The most probable label; null where the face is unlike all examples of the model, which cannot tell of it then. */
  readonly label: string | null;
  /** The calibrated probability of the most probable label. */
  readonly confidence: number;
  /** In the manifest's label order, sum 1. */
  readonly probabilities: Readonly<Record<string, number>>;
  /**
   * The share of examples that were held out of the model's training and were more like those it learned from, 0..1: from 0.99 on `label`
   * is null. Absent where the model does not tell.
   */
  readonly novelty?: number;
  /** Absent where the model was not calibrated on labelled pictures (`tensorface calibrate`). */
  readonly set?: LabelSetEstimate<string>;
}

/** The labels of which one is the true one for a share `level` of faces like those that the model was calibrated on. */
export interface LabelSetEstimate<Label extends string> {
  /** In the manifest's label order; the most probable label is always one of them. */
  readonly labels: readonly Label[];
  readonly level: number;
}

/** Any of some tags. */
export interface TagsEstimate {
  /** Those whose probability is at least 0.5, in the manifest's order. */
  readonly labels: readonly string[];
  /** In the manifest's label order, each by itself: they do not sum to 1. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** A number, in the unit of its task, and where the true value is likely to be. */
export interface NumberEstimate {
  readonly value: number;
  /** Meant to hold the true value for a share `level` of faces. */
  readonly interval: { readonly low: number; readonly high: number; readonly level: number };
}

/** Apparent age, read off a distribution over 0 to 100 years. */
export interface AgeEstimate {
  /** The expected value, in years. */
  readonly years: number;
  /**
   * Years from `low` to `high`, both included, that are meant to hold the true age for a share `level` of faces, half of the rest on
   * either side: as much of the distribution as the model's manifest says that it takes (`conformal` or `intervalMass`), `level` of it where it
   * says nothing.
   */
  readonly interval: { readonly low: number; readonly high: number; readonly level: number };
  /** The most probable group. */
  readonly group: string;
  /** Group name to probability, sum 1. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** One of the labels of a built-in task. */
export interface LabelEstimate<Label extends string> {
  /** The most probable label. */
  readonly label: Label;
  /** Its calibrated probability. */
  readonly confidence: number;
  /** In the manifest's label order, sum 1. */
  readonly probabilities: Readonly<Record<Label, number>>;
  /** Absent where the model was not calibrated on labelled faces (`tensorface calibrate`). */
  readonly set?: LabelSetEstimate<Label>;
}

/** Wall-clock milliseconds. */
export interface StageTimings {
  readonly decodeMs: number;
  readonly detectMs: number;
  readonly classifyMs: number;
}

/** A picture that could not be analysed. */
export interface FailedAnalysis {
  readonly schema: "tensorface.analysis/1";
  readonly source: string;
  readonly error: ErrorReport;
}

/** What became of one picture in a row: its analysis, or its error. */
export type AnalysisOutcome = FaceAnalysis | FailedAnalysis;
