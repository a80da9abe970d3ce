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
  const named: Partial<Record<Label, number>> = {};
  for (const [index, label] of labels.entries()) named[label] = probabilities[index]!;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every label was set in the line above
  return { label: labels[best]!, confidence: probabilities[best]!, probabilities: named as Record<Label, number> };
}
