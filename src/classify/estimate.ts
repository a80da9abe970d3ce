import { argMax } from "../core/index.ts";

/** A decision between labels, and how sure it is. */
export interface LabelReading<Label extends string> {
  readonly label: Label;
  /** The calibrated probability of `label`. */
  readonly confidence: number;
  /** In the manifest's label order, sum 1. */
  readonly probabilities: Readonly<Record<Label, number>>;
}

/**
 * The most probable label, the first of equals.
 * @param probabilities in the order of `labels`, sum 1
 */
export function readLabel<Label extends string>(probabilities: ArrayLike<number>, labels: readonly Label[]): LabelReading<Label> {
  const best = argMax(probabilities);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every label is in it
  const named = Object.fromEntries(labels.map((label, index) => [label, probabilities[index]!])) as Record<Label, number>;
  return { label: labels[best]!, confidence: probabilities[best]!, probabilities: named };
}
