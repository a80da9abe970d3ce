/** Softmax of `logits / temperature`, computed without overflow. `[n]` in, `[n]` out, sum 1. */
export function softmax(logits: ArrayLike<number>, temperature = 1): Float64Array {
  let largest = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < logits.length; index++) largest = Math.max(largest, logits[index]!);
  const probabilities = new Float64Array(logits.length);
  let sum = 0;
  for (let index = 0; index < logits.length; index++) {
    const value = Math.exp((logits[index]! - largest) / temperature);
    probabilities[index] = value;
    sum += value;
  }
  for (let index = 0; index < logits.length; index++) probabilities[index]! /= sum;
  return probabilities;
}

/**
 * Vector scaling (Guo et al., ICML 2017): one factor and one offset for each logit,
 * `scale[k] * logit[k] + bias[k]`. Not blind to what is added to all logits: fit and use it on logarithms of probabilities.
 */
export interface VectorScaling {
  readonly scale: readonly number[];
  readonly bias: readonly number[];
}

/** `[n]` in, `[n]` out. */
export function scaleLogits(logits: ArrayLike<number>, { scale, bias }: VectorScaling): Float64Array {
  return Float64Array.from(logits, (logit, index) => scale[index]! * logit + bias[index]!);
}

export function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** The index of the largest value, the first one of equals; -1 for an empty list. */
export function argMax(values: ArrayLike<number>): number {
  let best = -1;
  for (let index = 0; index < values.length; index++) {
    if (best < 0 || values[index]! > values[best]!) best = index;
  }
  return best;
}
