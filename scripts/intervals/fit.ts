import { ageInterval, intervalLevel, maximumAge, sigmoid } from "../../src/core/index.ts";
import { cholesky, solveLower, solveUpper } from "../../src/features/index.ts";
import { columnsOf, type TailLines, tailsOf, type ToldFace } from "./tails.ts";

/** A face that nothing was learnt from, with its age. */
export interface AgedFace extends ToldFace {
  readonly age: number;
  /** The set that it comes from: the place of its kind. */
  readonly set: number;
  /** What it counts of its set, of all the same: by these the level is held. */
  readonly share: number;
  /** What it counts where lines are drawn: more where few are like it. */
  readonly weight: number;
}

/**
 * Fits the ends of intervals by quantile regression (Koenker and Bassett, 1978) of where the true age stands in a face's own distribution, and then moves both ends
 * alike until the level is held (conformalized quantile regression: Romano, Patterson, Candes, NeurIPS 2019). Ends that know the kind of a picture
 * hold the level in each kind as far as the kinds are told apart (Gibbs, Cherian, Candes, 2025).
 */
export function fitTails(faces: readonly AgedFace[], level = intervalLevel): TailLines {
  const places = Float64Array.from(faces, placeOf);
  const [weights, shares] = [normalised(faces.map(({ weight }) => weight)), normalised(faces.map((face) => face.share))];
  const { rows, width, mean, deviation } = standardised(faces.map(columnsOf), shares);
  const tail = (1 - level) / 2;
  const [low, high] = [tail, 1 - tail].map((share) => {
    const problem = { rows, width, places, share };
    return levelSets({ ...problem, weights: shares }, quantileLine({ ...problem, weights }), faces);
  });
  const unscaled = (line: Float64Array, sign: 1 | -1): { readonly weights: number[]; readonly bias: number } => {
    const own = Array.from({ length: width }, (_, index) => (sign * line[index]!) / deviation[index]!);
    return { weights: own, bias: own.reduce((sum, weight, index) => sum - weight * mean[index]!, sign * line[width]!) };
  };
  // The logit of the share above is that of what lies below the upper end, with the other sign.
  const [below, above] = [unscaled(low!, 1), unscaled(high!, -1)];
  const widened = (margin: number): TailLines => ({
    below: below.weights,
    above: above.weights,
    bias: [below.bias - margin, above.bias - margin],
  });
  return widened(smallestMargin((margin) => shareHeld(faces, widened(margin), shares) >= level));
}

/** Logits to either side between which the margin is sought, and how often their distance is halved. */
const margins = { low: -2, high: 2, halvings: 12 } as const;

/** Intervals are of whole years, which hold a little more than their lines say: so it is these that are counted. */
function smallestMargin(isEnough: (margin: number) => boolean): number {
  let { low, high } = { low: margins.low as number, high: margins.high as number };
  for (let halving = 0; halving < margins.halvings; halving++) {
    const middle = (low + high) / 2;
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function shareHeld(faces: readonly AgedFace[], lines: TailLines, shares: Float64Array): number {
  return faces.reduce((sum, face, index) => {
    const { low, high } = ageInterval(face.distribution, tailsOf(lines, face));
    return sum + (face.age >= low && face.age <= high ? shares[index]! : 0);
  }, 0);
}

/** The farthest into a tail that a place counts as: the logits of 0 and 1 have no end. */
const leastTail = 1e-4;

/** Where the true age stands in the distribution: the logit of what lies below it and half of its own year. */
function placeOf({ distribution, age }: AgedFace): number {
  const year = Math.min(age, maximumAge);
  const below = distribution.slice(0, year).reduce((sum, probability) => sum + probability, 0) + distribution[year]! / 2;
  const kept = Math.min(Math.max(below, leastTail), 1 - leastTail);
  return Math.log(kept / (1 - kept));
}

function normalised(weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Float64Array.from(weights, (weight) => weight / total);
}

interface Standardised {
  /** `[faces, width]`, each column of mean 0 and deviation 1. */
  readonly rows: Float64Array;
  readonly width: number;
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

function standardised(columns: readonly Float64Array[], weights: Float64Array): Standardised {
  const width = columns[0]!.length;
  const sumOf = (value: (row: Float64Array) => number): number => columns.reduce((sum, row, face) => sum + weights[face]! * value(row), 0);
  const mean = Float64Array.from({ length: width }, (_, index) => sumOf((row) => row[index]!));
  const deviation = mean.map((middle, index) => Math.max(Math.sqrt(sumOf((row) => (row[index]! - middle) ** 2)), 1e-6));
  const rows = new Float64Array(columns.length * width);
  for (const [face, row] of columns.entries()) {
    for (let index = 0; index < width; index++) rows[face * width + index] = (row[index]! - mean[index]!) / deviation[index]!;
  }
  return { rows, width, mean, deviation };
}

interface QuantileProblem {
  readonly rows: Float64Array;
  readonly width: number;
  readonly places: Float64Array;
  /** Sum 1. */
  readonly weights: Float64Array;
  /** The share of places that is to lie below the line. */
  readonly share: number;
}

/** The corner of the loss is rounded, ever less, so that Newton's steps find its least value. */
const roundings = [2, 1, 0.5, 0.25, 0.15] as const;
const stepsEach = 12;
/** What the squared weights count, which keeps columns that repeat each other from growing against each other. */
const ridge = 1e-4;

/** Weights of the columns and, last, what is added, that leave a share of the places below: Newton's method on the rounded loss of quantiles. */
function quantileLine(problem: QuantileProblem): Float64Array {
  const { width, places, weights, share } = problem;
  const line = new Float64Array(width + 1);
  line[width] = weightedQuantile(places, weights, share);
  for (const rounding of roundings) {
    for (let step = 0; step < stepsEach; step++) {
      const { loss, gradient, hessian } = bend(problem, line, rounding);
      const lower = cholesky(hessian, width + 1);
      solveLower(lower, width + 1, gradient);
      solveUpper(lower, width + 1, gradient);
      if (!descend(problem, line, { direction: gradient, loss, rounding })) break;
    }
  }
  return line;
}

const levelSteps = 30;

/**
 * Moves what the kinds add until in each set its share of the places lies below: a kind is only guessed from the picture, so that the best line
 * on guesses leaves each set some way towards the others (instrumental quantile regression, the set as instrument: Chernozhukov and Hansen, 2006).
 */
function levelSets(problem: QuantileProblem, start: Float64Array, faces: readonly AgedFace[]): Float64Array {
  const { width, rows, places, weights, share } = problem;
  const line = start.slice();
  const count = faces[0]!.kinds.length;
  const rounding = roundings.at(-1)!;
  for (let step = 0; step < levelSteps; step++) {
    const off = new Float64Array(count);
    const slopes = new Float64Array(count * count); // [set, kind]
    for (const [face, { set }] of faces.entries()) {
      const below = sigmoid((valueAt(line, rows, width, face) - places[face]!) / rounding);
      off[set]! += weights[face]! * (below - share);
      const curve = (weights[face]! * below * (1 - below)) / rounding;
      for (let kind = 0; kind < count; kind++) slopes[set * count + kind]! += curve * rows[face * width + kind]!;
    }
    const move = leastSquares(slopes, off, count);
    for (let kind = 0; kind < count; kind++) line[kind]! -= levelPace * move[kind]!;
  }
  return line;
}

/** Half of each of Newton's steps: the slopes change on the way. */
const levelPace = 0.5;
/** Relative to the largest slope: columns of kinds sum to 1, so that one direction of them moves nothing. */
const levelRidge = 1e-4;

/** The shortest `x` for which `matrix x` comes nearest to `target`. */
function leastSquares(matrix: Float64Array, target: Float64Array, size: number): Float64Array {
  const products = new Float64Array(size * size);
  const vector = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    for (let row = 0; row < size; row++) {
      vector[i]! += matrix[row * size + i]! * target[row]!;
      for (let j = 0; j < size; j++) products[i * size + j]! += matrix[row * size + i]! * matrix[row * size + j]!;
    }
  }
  const largest = Math.max(...Array.from({ length: size }, (_, i) => products[i * size + i]!));
  for (let i = 0; i < size; i++) products[i * size + i]! += levelRidge * largest;
  const lower = cholesky(products, size);
  solveLower(lower, size, vector);
  solveUpper(lower, size, vector);
  return vector;
}

/** Goes against a direction as far as the loss falls. @returns whether it fell */
function descend(
  problem: QuantileProblem,
  line: Float64Array,
  { direction, loss, rounding }: { readonly direction: Float64Array; readonly loss: number; readonly rounding: number },
): boolean {
  for (let length = 1; length > 1e-3; length /= 2) {
    const tried = line.map((value, index) => value - length * direction[index]!);
    if (lossAt(problem, tried, rounding) >= loss - 1e-12) continue;
    line.set(tried);
    return true;
  }
  return false;
}

function valueAt(line: Float64Array, rows: Float64Array, width: number, face: number): number {
  let sum = line[width]!;
  for (let index = 0; index < width; index++) sum += line[index]! * rows[face * width + index]!;
  return sum;
}

function squares(line: Float64Array, width: number): number {
  return line.subarray(0, width).reduce((sum, value) => sum + value * value, 0);
}

function lossAt({ rows, width, places, weights, share }: QuantileProblem, line: Float64Array, rounding: number): number {
  let loss = ridge * squares(line, width);
  for (const [face, place] of places.entries()) {
    const rest = place - valueAt(line, rows, width, face);
    // rounding * log(1 + exp(-rest / rounding)), which is -rest far below 0.
    const below = rounding * Math.log1p(Math.exp(-Math.abs(rest) / rounding)) + Math.max(-rest, 0);
    loss += weights[face]! * (share * rest + below);
  }
  return loss;
}

interface Bend {
  readonly loss: number;
  readonly gradient: Float64Array;
  /** `[width + 1, width + 1]`, the lower half. */
  readonly hessian: Float64Array;
}

function bend(problem: QuantileProblem, line: Float64Array, rounding: number): Bend {
  const { rows, width, places, weights, share } = problem;
  const size = width + 1;
  const gradient = Float64Array.from(line, (value, index) => (index < width ? 2 * ridge * value : 0));
  const hessian = new Float64Array(size * size);
  const row = new Float64Array(size).fill(1);
  for (const [face, place] of places.entries()) {
    row.set(rows.subarray(face * width, (face + 1) * width));
    const below = sigmoid((valueAt(line, rows, width, face) - place) / rounding);
    const slope = weights[face]! * (below - share);
    const curve = (weights[face]! * below * (1 - below)) / rounding;
    for (let i = 0; i < size; i++) {
      gradient[i]! += slope * row[i]!;
      for (let j = 0; j <= i; j++) hessian[i * size + j]! += curve * row[i]! * row[j]!;
    }
  }
  for (let i = 0; i < size; i++) hessian[i * size + i]! += i < width ? 2 * ridge : 1e-9;
  return { loss: lossAt(problem, line, rounding), gradient, hessian };
}

/** The smallest value that a share of the weight does not pass. */
function weightedQuantile(values: Float64Array, weights: Float64Array, share: number): number {
  const order = [...values.keys()].toSorted((a, b) => values[a]! - values[b]!);
  let sum = 0;
  for (const index of order) {
    sum += weights[index]!;
    if (sum >= share - 1e-12) return values[index]!;
  }
  return values[order.at(-1)!]!;
}
