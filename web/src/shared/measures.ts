import type { BuiltInTask } from "tensorface/browser";

/** What was measured of one head on one split, for the models page; the build takes it out of the evaluation reports. */
export interface Measure {
  /** Of the head's file: numbers of another file are not this one's. */
  readonly sha256: string;
  readonly task: BuiltInTask;
  readonly data: { readonly name: string; readonly split: string; readonly path: "crop" | "photo" };
  /** What the split was to the model: numbers on what it learnt from, or was chosen on, flatter it. */
  readonly role: "training" | "selection" | "held out" | "mixed" | "unknown";
  /** Of all intervals, 0..1. */
  readonly level: number;
  /** Faces. */
  readonly n: number;
  readonly accuracy: Share;
  /** Always naming the commonest class. */
  readonly baseline: { readonly label: string; readonly accuracy: number };
  /** Years; where exact ages are known. */
  readonly meanAbsoluteError?: Share;
  readonly expectedCalibrationError?: number;
  /** Part of the true ages inside the 80 % interval. */
  readonly intervalCoverage?: number;
  readonly groups: readonly GroupMeasure[];
  /** Rows as annotated, columns as predicted. */
  readonly confusion?: { readonly labels: readonly string[]; readonly counts: readonly (readonly number[])[] };
}

/** A number with its interval. */
export interface Share {
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

export interface GroupMeasure {
  readonly by: string;
  readonly value: string;
  readonly n: number;
  readonly accuracy: Share;
}
