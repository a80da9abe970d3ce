import { unreachable } from "../../core/index.ts";
import type { FeatureMatrix } from "../../features/index.ts";

/** What is true of every example, in the order of the rows of its features. */
export type Targets =
  /** One of some classes; ordered ones are groups that follow each other. Class of every row, 0 to `labels - 1`. */
  | { readonly kind: "classes" | "ordered"; readonly labels: number; readonly classes: Int32Array }
  /** Any of some labels: `[rows, labels]`, 0 or 1. */
  | { readonly kind: "tags"; readonly labels: number; readonly tags: Uint8Array }
  | { readonly kind: "number"; readonly values: Float64Array };

/** Examples as a head learns from them. */
export interface TeachingExamples {
  /** What the backbone sees in them, `[rows, columns]`. */
  readonly features: FeatureMatrix;
  readonly targets: Targets;
  /** Rows that share a number never stand on two sides of a border: a subject, near-copies. `[rows]` */
  readonly sets: ArrayLike<number>;
}

/** How many numbers a head gives for a picture. */
export function outputCount(targets: Targets): number {
  return targets.kind === "number" ? 1 : targets.labels;
}

/** What stands for a row where classes are to be spread evenly: its class, its first tag, or its place among the numbers. */
export function stratumOf(targets: Targets): (row: number) => number {
  switch (targets.kind) {
    case "classes":
    case "ordered":
      return (row) => targets.classes[row]!;
    case "tags":
      return (row) => targets.tags.subarray(row * targets.labels, (row + 1) * targets.labels).indexOf(1);
    case "number": {
      const sorted = Float64Array.from(targets.values).sort();
      const edges = [0.2, 0.4, 0.6, 0.8].map((share) => sorted[Math.floor(share * (sorted.length - 1))]!);
      return (row) => edges.filter((edge) => targets.values[row]! > edge).length;
    }
    default:
      return unreachable(targets);
  }
}
