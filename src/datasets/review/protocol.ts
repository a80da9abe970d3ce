/** What the page and the server of a review say to each other. */

export interface ReviewClass {
  readonly label: string;
  /** Faces with this label before and after all decisions. */
  readonly before: number;
  readonly after: number;
  /** Faces in the queue, and those that are decided. */
  readonly queued: number;
  readonly decided: number;
}

export interface ReviewState {
  readonly dataset: string;
  readonly task: string;
  readonly reviewer: string;
  readonly classes: readonly ReviewClass[];
  /** What is to be seen of the pictures, whatever their labels: how many faces of the queue show it. */
  readonly reasons: readonly { readonly reason: string; readonly count: number }[];
}

/** What is decided of a face; a class may be called as a decision is, so the two are told apart. */
export type FaceDecision = { readonly action: "keep" | "drop" } | { readonly action: "relabel"; readonly label: string };

export interface ReviewEntry {
  readonly id: string;
  /** Where its picture is: `/picture/12`. */
  readonly picture: string;
  readonly given: string;
  readonly suggested: string;
  /** What it may be else; absent where nothing speaks for another class. */
  readonly alternative?: string | undefined;
  /** 0..1. */
  readonly doubt: number;
  readonly flags: readonly string[];
  readonly decision: FaceDecision | undefined;
}

export interface ReviewPage {
  readonly total: number;
  /** How many of the undecided labels on the page are wrong, and of those behind it, by what was found in this review so far. */
  readonly wrongHere: number;
  readonly wrongBehind: number;
  readonly entries: readonly ReviewEntry[];
}

/** Which faces are asked for. */
export interface QueueRequest {
  readonly label: string;
  readonly offset: number;
  readonly limit: number;
  /** Only those whose pictures show it. @default all */
  readonly reason?: string | undefined;
}

/** Another picture of the same subject, or a copy of the same photograph. */
export interface RelatedFace {
  readonly id: string;
  readonly picture: string;
  readonly label: string | undefined;
}

/** What the networks that judge the labels took a class for; nothing of it is computed for the page, it stands in the queue. */
export interface LearntClass {
  readonly label: string;
  /** Labels of the class that were judged. */
  readonly judged: number;
  /** The faces whose label is the least doubtful, the surest first. */
  readonly typical: readonly ReviewEntry[];
  /** The faces between this class and another, the most open first. */
  readonly border: readonly ReviewEntry[];
}

/** Labels of one class that speak for another. */
export interface MixedClasses {
  readonly given: string;
  readonly suggested: string;
  readonly count: number;
  /** The likeliest wrong ones. */
  readonly faces: readonly ReviewEntry[];
}

export interface LearntClasses {
  readonly classes: readonly LearntClass[];
  /** The pairs that are mixed most often, in order. */
  readonly mixed: readonly MixedClasses[];
}

export interface DecisionRequest {
  readonly id: string;
  readonly action: "keep" | "drop" | "relabel" | "undo";
  readonly label?: string | undefined;
}
