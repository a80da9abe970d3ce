/**
 * How often each face of a sample counts, `[count]`: all 1 for the estimate, the numbers of times that it was drawn for a
 * bootstrap replicate. Every metric is a function of the sample and these.
 */
export type Weights = Float64Array;

export function unitWeights(count: number): Weights {
  return new Float64Array(count).fill(1);
}

/** Weighted mean of `value(row)` over the rows where it is a number; undefined when there are none. */
export function weightedMean(weights: Weights, value: (row: number) => number): number | undefined {
  let sum = 0;
  let total = 0;
  for (let row = 0; row < weights.length; row++) {
    const weight = weights[row]!;
    if (weight === 0) continue;
    const measured = value(row);
    if (Number.isNaN(measured)) continue;
    sum += weight * measured;
    total += weight;
  }
  return total === 0 ? undefined : sum / total;
}
