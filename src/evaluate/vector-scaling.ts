import { scaleLogits, softmax, type VectorScaling } from "../core/index.ts";

export interface FitVectorScalingOptions {
  /** Pull of the scales towards 1 and of the biases towards 0, per example; also makes the answer unique. @default 1e-6 */
  readonly ridge?: number;
  /** Newton steps at most. @default 100 */
  readonly maximumSteps?: number;
  /** How much each example counts, relative to the others; `[n]`, none below 0. @default all alike */
  readonly weights?: ArrayLike<number> | undefined;
}

/** Softmax of scaled logits, sum 1. */
export function applyVectorScaling(logits: ArrayLike<number>, scaling: VectorScaling): Float64Array {
  return softmax(scaleLogits(logits, scaling));
}

/** A loss at a point with its slope and curvature; `size` is twice the number of classes: scales, then biases. */
interface Expansion {
  readonly loss: number;
  readonly gradient: Float64Array; // [size]
  readonly hessian: Float64Array[]; // [size][size]
}

/**
 * Vector scaling (Guo et al., ICML 2017) by damped Newton steps on the mean negative log-likelihood, which is convex in
 * these parameters. A manifest keeps the result.
 *
 * @param logits `[n][classes]`
 * @param targets `[n]` class indices
 * @throws {RangeError} without examples, or when the lists differ in length
 */
export function fitVectorScaling(
  logits: readonly ArrayLike<number>[],
  targets: ArrayLike<number>,
  options: FitVectorScalingOptions = {},
): VectorScaling {
  const { ridge = 1e-6, maximumSteps = 100 } = options;
  const shares = sharesOf(options.weights, logits.length);
  if (logits.length === 0 || logits.length !== targets.length) {
    throw new RangeError(`vector scaling needs as many targets as logits, and at least one; got ${logits.length} and ${targets.length}`);
  }
  const classes = logits[0]!.length;
  let point = Float64Array.from({ length: 2 * classes }, (_, index) => (index < classes ? 1 : 0));
  for (let step = 0; step < maximumSteps; step++) {
    const { loss, gradient, hessian } = expand({ logits, targets, shares }, point, ridge);
    if (Math.max(...gradient.map((value) => Math.abs(value))) < 1e-9) break;
    const direction = solvePositive(hessian, gradient);
    const at = (size: number) => point.map((value, index) => value - size * direction[index]!);
    const next = lineSearch(at, { logits, targets, shares }, { loss, ridge });
    if (next === undefined) break;
    point = next;
  }
  return { scale: [...point.subarray(0, classes)], bias: [...point.subarray(classes)] };
}

/** Weights that sum to 1. */
function sharesOf(weights: ArrayLike<number> | undefined, count: number): Float64Array {
  const given = weights === undefined ? new Float64Array(count).fill(1) : Float64Array.from(weights);
  const sum = given.reduce((total, weight) => total + weight, 0);
  if (given.length !== count || !(sum > 0) || given.some((weight) => weight < 0))
    throw new RangeError(`vector scaling needs a weight for each of the ${count} examples, none below 0 and not all 0`);
  return given.map((weight) => weight / sum);
}

interface Examples {
  readonly logits: readonly ArrayLike<number>[];
  readonly targets: ArrayLike<number>;
  /** Of the mean, sum 1. */
  readonly shares: Float64Array;
}

/** Halves the step until the loss falls; undefined when it no longer does. */
function lineSearch(
  at: (size: number) => Float64Array<ArrayBuffer>,
  examples: Examples,
  { loss, ridge }: { readonly loss: number; readonly ridge: number },
): Float64Array<ArrayBuffer> | undefined {
  for (let size = 1; size > 1e-8; size /= 2) {
    const candidate = at(size);
    if (lossAt(examples, candidate, ridge) < loss) return candidate;
  }
  return undefined;
}

function scalingAt(point: Float64Array): VectorScaling {
  const classes = point.length / 2;
  return { scale: [...point.subarray(0, classes)], bias: [...point.subarray(classes)] };
}

function lossAt({ logits, targets, shares }: Examples, point: Float64Array, ridge: number): number {
  const scaling = scalingAt(point);
  let sum = 0;
  for (const [row, values] of logits.entries())
    sum -= shares[row]! * Math.log(Math.max(applyVectorScaling(values, scaling)[targets[row]!]!, 1e-300));
  return sum + penalty(point, ridge);
}

function penalty(point: Float64Array, ridge: number): number {
  const classes = point.length / 2;
  return (ridge / 2) * point.reduce((sum, value, index) => sum + (value - (index < classes ? 1 : 0)) ** 2, 0);
}

function expand({ logits, targets, shares }: Examples, point: Float64Array, ridge: number): Expansion {
  const size = point.length;
  const classes = size / 2;
  const scaling = scalingAt(point);
  const gradient = point.map((value, index) => ridge * (value - (index < classes ? 1 : 0)));
  const hessian = Array.from({ length: size }, (_, row) => new Float64Array(size).fill(ridge, row, row + 1));
  let loss = 0;
  for (const [row, values] of logits.entries()) {
    const probabilities = applyVectorScaling(values, scaling);
    const target = targets[row]!;
    const share = shares[row]!;
    loss -= share * Math.log(Math.max(probabilities[target]!, 1e-300));
    // The k-th logit moves by `values[k]` with its scale and by 1 with its bias.
    const slope = (index: number) => share * (index < classes ? values[index]! : 1);
    for (let i = 0; i < size; i++) {
      const p = probabilities[i % classes]!;
      gradient[i]! += slope(i) * (p - (i % classes === target ? 1 : 0));
      for (let j = 0; j < size; j++) {
        const curvature = (i % classes === j % classes ? p : 0) - p * probabilities[j % classes]!;
        hessian[i]![j]! += slope(i) * (j < classes ? values[j]! : 1) * curvature;
      }
    }
  }
  return { loss: loss + penalty(point, ridge), gradient, hessian };
}

/** Solves `matrix x = right` for a symmetric positive definite matrix by Cholesky's decomposition. */
function solvePositive(matrix: readonly Float64Array[], right: Float64Array): Float64Array {
  const size = right.length;
  const lower = Array.from({ length: size }, () => new Float64Array(size));
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[row]![column]!;
      for (let k = 0; k < column; k++) sum -= lower[row]![k]! * lower[column]![k]!;
      lower[row]![column] = row === column ? Math.sqrt(Math.max(sum, 1e-15)) : sum / lower[column]![column]!;
    }
  }
  const half = new Float64Array(size);
  for (let row = 0; row < size; row++) {
    let sum = right[row]!;
    for (let k = 0; k < row; k++) sum -= lower[row]![k]! * half[k]!;
    half[row] = sum / lower[row]![row]!;
  }
  const solution = new Float64Array(size);
  for (let row = size - 1; row >= 0; row--) {
    let sum = half[row]!;
    for (let k = row + 1; k < size; k++) sum -= lower[k]![row]! * solution[k]!;
    solution[row] = sum / lower[row]![row]!;
  }
  return solution;
}
