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
