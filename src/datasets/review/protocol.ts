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
}

export interface ReviewEntry {
  readonly id: string;
  /** Where its picture is: `/picture/12`. */
  readonly picture: string;
  readonly given: string;
  readonly suggested: string;
  /** 0..1. */
  readonly doubt: number;
  readonly flags: readonly string[];
  /** What is decided: `keep`, `drop`, a label, or nothing. */
  readonly decision: string | undefined;
}

export interface ReviewPage {
  readonly total: number;
  readonly entries: readonly ReviewEntry[];
}

export interface DecisionRequest {
  readonly id: string;
  readonly action: "keep" | "drop" | "relabel" | "undo";
  readonly label?: string | undefined;
}
