import type { TaskSample } from "../sample.ts";
import { type Weights, weightedMean } from "./weights.ts";

/** Bins of confidence in calibration errors and reliability diagrams (Guo et al., ICML 2017, use 15). */
export const calibrationBinCount = 15;

/** Faces whose confidence falls into one bin. */
export interface ReliabilityBin {
  /** Confidence above `low`, up to and with `high`. */
  readonly low: number;
  readonly high: number;
  readonly n: number;
  /** Mean confidence and share of correct answers; absent from an empty bin. */
  readonly confidence?: number;
  readonly accuracy?: number;
}

/** Weighted sums over faces: of 1, of confidence, of correct answers. */
interface BinSums {
  readonly n: Float64Array;
  readonly confidence: Float64Array;
  readonly correct: Float64Array;
}

/** Adds every found face, and how far it is correct, to the bin that `binOf(row, weight passed before it, total weight)` names. */
function sumBins(
  { byConfidence, confidence }: TaskSample,
  weights: Weights,
  correctOf: (row: number) => number,
  binOf: (row: number, before: number, total: number) => number,
): BinSums {
  const sums = { n: column(), confidence: column(), correct: column() };
  let total = 0;
  for (const row of byConfidence) total += weights[row]!;
  let before = 0;
  for (const row of byConfidence) {
    const weight = weights[row]!;
    if (weight === 0) continue;
    const bin = Math.min(calibrationBinCount - 1, Math.max(0, binOf(row, before, total)));
    sums.n[bin]! += weight;
    sums.confidence[bin]! += weight * confidence[row]!;
    sums.correct[bin]! += weight * correctOf(row);
    before += weight;
  }
  return sums;
}

function column(): Float64Array {
  return new Float64Array(calibrationBinCount);
}

function isCorrect({ predicted, truth }: TaskSample, row: number): number {
  return Number(predicted[row] === truth[row]);
}

function equalWidthBins(sample: TaskSample, weights: Weights): BinSums {
  const binOf = (row: number): number => Math.ceil(sample.confidence[row]! * calibrationBinCount) - 1;
  return sumBins(sample, weights, (row) => isCorrect(sample, row), binOf);
}

/**
 * Of each found face the share of correct answers among those that are exactly as confident, `[count]`. In what order these stand says
 * nothing: cut apart into right and wrong ones, a thousand faces of one confidence would look badly calibrated.
 */
function accuracyOfTies(sample: TaskSample, weights: Weights): Float64Array {
  const shares = new Float64Array(sample.count);
  for (const [, ties] of Map.groupBy(sample.byConfidence, (row) => sample.confidence[row]!)) {
    const total = ties.reduce((sum, row) => sum + weights[row]!, 0);
    const correct = ties.reduce((sum, row) => sum + weights[row]! * isCorrect(sample, row), 0);
    for (const row of ties) shares[row] = total === 0 ? 0 : correct / total;
  }
  return shares;
}

function calibrationError({ n, confidence, correct }: BinSums): number | undefined {
  const total = n.reduce((sum, value) => sum + value, 0);
  if (total === 0) return undefined;
  return confidence.reduce((sum, value, bin) => sum + Math.abs(value - correct[bin]!), 0) / total;
}

/**
 * Mean distance between confidence and accuracy over 15 bins of equal width, weighed by their faces, 0..1
 * (Naeini et al., AAAI 2015; Guo et al., ICML 2017). Of found faces.
 */
export function expectedCalibrationError(sample: TaskSample, weights: Weights): number | undefined {
  return calibrationError(equalWidthBins(sample, weights));
}

/** The same over 15 bins that hold equally many faces (Nixon et al., CVPR workshops 2019): no bin is nearly empty. */
export function adaptiveCalibrationError(sample: TaskSample, weights: Weights): number | undefined {
  const correct = accuracyOfTies(sample, weights);
  const binOf = (row: number, before: number, total: number): number =>
    Math.floor(((before + weights[row]! / 2) / total) * calibrationBinCount);
  return calibrationError(sumBins(sample, weights, (row) => correct[row]!, binOf));
}

/** The points of a reliability diagram: equal-width bins of confidence, of found faces. */
export function reliabilityBins(sample: TaskSample, weights: Weights): ReliabilityBin[] {
  const { n, confidence, correct } = equalWidthBins(sample, weights);
  return Array.from(n, (count, bin) => ({
    low: bin / calibrationBinCount,
    high: (bin + 1) / calibrationBinCount,
    n: count,
    ...(count > 0 ? { confidence: confidence[bin]! / count, accuracy: correct[bin]! / count } : {}),
  }));
}

/** Mean of minus the natural logarithm of the annotated class's probability, in nats. Of found faces. */
export function negativeLogLikelihood(sample: TaskSample, weights: Weights): number | undefined {
  return weightedMean(weights, (row) => sample.logLoss[row]!);
}

/** Mean over faces of the squared distance between probabilities and truth, summed over classes: 0..2. Of found faces. */
export function brierScore(sample: TaskSample, weights: Weights): number | undefined {
  return weightedMean(weights, (row) => sample.brier[row]!);
}
