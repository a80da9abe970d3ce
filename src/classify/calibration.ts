import { softmax } from "../core/index.ts";

/**
 * The temperature that makes the answers of a head as sure as they are right: the one with the smallest negative log-likelihood on
 * validation data (Guo et al., On Calibration of Modern Neural Networks, ICML 2017), found by golden-section search over its
 * logarithm, in which the likelihood has one valley.
 *
 * @param logits one row for each face; for a network that gives probabilities, their logarithms
 * @param labels the index of the right column for each face
 * @returns between 0.05 and 20
 * @throws {RangeError} for no faces or unequal counts
 */
export function fitTemperature(logits: readonly ArrayLike<number>[], labels: readonly number[]): number {
  if (logits.length === 0 || logits.length !== labels.length) {
    throw new RangeError(`calibration needs one label for each row, got ${logits.length} rows and ${labels.length} labels`);
  }
  const loss = (logTemperature: number): number => negativeLogLikelihood(logits, labels, Math.exp(logTemperature));
  return Math.exp(goldenSection(loss, Math.log(0.05), Math.log(20)));
}

/** The mean of minus the logarithm of the right answer's probability, in nats. */
export function negativeLogLikelihood(logits: readonly ArrayLike<number>[], labels: readonly number[], temperature = 1): number {
  const sum = logits.reduce((total, row, index) => total - Math.log(Math.max(softmax(row, temperature)[labels[index]!]!, 1e-12)), 0);
  return sum / logits.length;
}

/** Minimum of a function with one valley in [low, high] (Kiefer, 1953). */
function goldenSection(loss: (value: number) => number, low: number, high: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [left, right] = [low, high];
  let [innerLeft, innerRight] = [right - ratio * (right - left), left + ratio * (right - left)];
  let [lossLeft, lossRight] = [loss(innerLeft), loss(innerRight)];
  while (right - left > 1e-4) {
    if (lossLeft < lossRight) {
      [right, innerRight, lossRight] = [innerRight, innerLeft, lossLeft];
      innerLeft = right - ratio * (right - left);
      lossLeft = loss(innerLeft);
    } else {
      [left, innerLeft, lossLeft] = [innerLeft, innerRight, lossRight];
      innerRight = left + ratio * (right - left);
      lossRight = loss(innerRight);
    }
  }
  return (left + right) / 2;
}
