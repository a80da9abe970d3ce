import { createRandom, shuffled, softmax } from "../../src/core/index.ts";
import { type FeatureMatrix, fitScaling, standardiseRow } from "../../src/features/index.ts";

/** What judged the labels in earlier versions, kept to be compared with. */

export interface LogisticRegressionOptions {
  /** Steps of the optimiser; there are more where the data would else be passed over fewer than four times. @default 1500 */
  readonly steps?: number;
  /** @default 128 */
  readonly batchSize?: number;
  /** Of Adam, with a linear fall to 0. @default 0.003 */
  readonly learningRate?: number;
  /**
   * How much the loss counts half the squared length of the weights (ridge). Strong, since the features are many, the labels few
   * and some of them wrong: weaker ones learn the wrong labels by heart. @default 0.2
   */
  readonly ridge?: number;
  /** @default 1 */
  readonly seed?: number;
}

const defaults: Required<LogisticRegressionOptions> = { steps: 1500, batchSize: 128, learningRate: 0.003, ridge: 0.2, seed: 1 };
const leastEpochs = 4;

/** A fitted classifier: probabilities of a row of the matrix that it is asked about, `[classes]`. */
export interface Classifier {
  probabilities(features: FeatureMatrix, row: number): Float64Array;
}

/** One parameter array with Adam's two moments (Kingma and Ba, ICLR 2015). */
function createAdam(parameters: Float32Array): (gradient: Float32Array, rate: number) => void {
  const first = new Float32Array(parameters.length);
  const second = new Float32Array(parameters.length);
  let step = 0;
  return (gradient, rate) => {
    step++;
    const scale = rate * (Math.sqrt(1 - 0.999 ** step) / (1 - 0.9 ** step));
    for (let index = 0; index < parameters.length; index++) {
      const value = gradient[index]!;
      first[index] = 0.9 * first[index]! + 0.1 * value;
      second[index] = 0.999 * second[index]! + 0.001 * value * value;
      parameters[index]! -= scale * (first[index]! / (Math.sqrt(second[index]!) + 1e-8));
    }
  };
}

/**
 * Fits a multinomial logistic regression on standardised features.
 * @param rows which rows to learn from
 * @param labels class of every row of the matrix, 0 to `classes - 1`
 */
export function fitLogisticRegression(
  features: FeatureMatrix,
  rows: Int32Array,
  labels: Int32Array,
  classes: number,
  options: LogisticRegressionOptions = {},
): Classifier {
  const { steps: wantedSteps, batchSize, learningRate, ridge, seed } = { ...defaults, ...options };
  const { columns } = features;
  const width = columns + 1; // the last one is the bias
  const scaling = fitScaling(features, rows);
  const weights = new Float32Array(classes * width); // [classes, columns + 1]
  const gradient = new Float32Array(weights.length);
  const input = new Float32Array(width).fill(1);
  const update = createAdam(weights);
  const load = (matrix: FeatureMatrix, row: number): void => standardiseRow(matrix, row, scaling, input);
  const predict = (): Float64Array => {
    const logits = new Float64Array(classes);
    for (let label = 0; label < classes; label++) {
      const offset = label * width;
      let sum = 0;
      for (let column = 0; column < width; column++) sum += weights[offset + column]! * input[column]!;
      logits[label] = sum;
    }
    return softmax(logits);
  };
  const accumulate = (row: number, share: number): void => {
    load(features, row);
    const probabilities = predict();
    for (let label = 0; label < classes; label++) {
      const error = (probabilities[label]! - Number(labels[row] === label)) * share;
      const offset = label * width;
      for (let column = 0; column < width; column++) gradient[offset + column]! += error * input[column]!;
    }
  };
  const random = createRandom(seed);
  const stepsOfEpoch = Math.ceil(rows.length / batchSize);
  const steps = Math.max(wantedSteps, leastEpochs * stepsOfEpoch);
  let order: readonly number[] = [];
  for (let step = 0; step < steps; step++) {
    const start = (step % stepsOfEpoch) * batchSize;
    if (start === 0) order = shuffled([...rows], random);
    const batch = order.slice(start, start + batchSize);
    // The bias is not pulled towards 0.
    for (let index = 0; index < gradient.length; index++) gradient[index] = (index + 1) % width === 0 ? 0 : ridge * weights[index]!;
    for (const row of batch) accumulate(row, 1 / batch.length);
    update(gradient, learningRate * (1 - step / steps));
  }
  return {
    probabilities(matrix, row) {
      load(matrix, row);
      return predict();
    },
  };
}

/**
 * Out-of-sample probabilities: every row is judged by a classifier that has not seen it.
 * @param folds fold of every row; rows that must stay together (a subject, a duplicate group) share one
 * @param onFold called after each fold, with how many are done
 * @returns `[rows, classes]`; all classes alike where every row is in one fold, so that there is nothing to learn from
 */
export function crossValidatedProbabilities(
  features: FeatureMatrix,
  labels: Int32Array,
  folds: ArrayLike<number>,
  classes: number,
  { onFold, ...options }: LogisticRegressionOptions & { readonly onFold?: ((done: number, total: number) => void) | undefined } = {},
): Float64Array {
  let count = 0;
  for (let row = 0; row < folds.length; row++) count = Math.max(count, folds[row]! + 1);
  const result = new Float64Array(features.rows * classes).fill(1 / classes);
  const all = Int32Array.from({ length: features.rows }, (_, row) => row);
  for (let fold = 0; fold < count; fold++) {
    const inside = all.filter((row) => folds[row] !== fold);
    const outside = all.filter((row) => folds[row] === fold);
    // Where all are linked there is nobody to learn from.
    if (inside.length > 0 && outside.length > 0) {
      const classifier = fitLogisticRegression(features, inside, labels, classes, options);
      for (const row of outside) result.set(classifier.probabilities(features, row), row * classes);
    }
    onFold?.(fold + 1, count);
  }
  return result;
}
