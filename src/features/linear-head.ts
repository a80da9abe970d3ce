import { cholesky, columnProducts, dot, fourProducts, rowProducts, solveLower, solveUpper } from "./linear-algebra.ts";
import { fitScaling, type FeatureScaling, standardiseRow, standardiseRows } from "./scaling.ts";
import type { FeatureMatrix } from "./feature-matrix.ts";

/**
 * Examples to learn linear heads from: standardised features, in as few coordinates as there are examples. A head with a ridge lies in
 * the span of its examples, so nothing is lost, and a few dozen examples cost no more for 1,024 columns than for 128.
 */
export interface PreparedExamples {
  readonly rows: number;
  /** The smaller of rows and columns. */
  readonly width: number;
  /** `[rows, width]`, columns of mean 0 over all rows. */
  readonly coordinates: Float64Array;
  /** `[width, width]` mean products of coordinates, the lower half. */
  readonly products: Float64Array;
  readonly scaling: FeatureScaling;
  /** Turns weights on coordinates, `[outputs, width]`, into weights on standardised columns, `[outputs, columns]`. */
  readonly toColumns: (weights: Float64Array, outputs: number) => Float64Array;
}

/** Relative to the mean of the diagonal: what keeps equal examples from making a matrix singular. */
const jitter = 1e-7;

/** Standardises some rows of a matrix, which are to be learnt from. */
export function prepareExamples(features: FeatureMatrix, rows: ArrayLike<number>): PreparedExamples {
  const { columns } = features;
  const scaling = fitScaling(features, rows);
  const standard = Float64Array.from(standardiseRows(features, rows, scaling).data);
  const everyRow = Array.from({ length: rows.length }, (_, row) => row);
  if (rows.length >= columns) {
    const products = columnProducts(standard, columns, everyRow);
    for (let index = 0; index < products.length; index++) products[index]! /= rows.length;
    return { rows: rows.length, width: columns, coordinates: standard, products, scaling, toColumns: (weights) => weights };
  }
  const width = rows.length;
  const lower = cholesky(withRidge(rowProducts(standard, width, columns), width, 1, undefined), width);
  const coordinates = lower;
  const products = columnProducts(coordinates, width, everyRow);
  for (let index = 0; index < products.length; index++) products[index]! /= width;
  return {
    rows: width,
    width,
    coordinates,
    products,
    scaling,
    toColumns(weights, outputs) {
      const result = new Float64Array(outputs * columns);
      for (let output = 0; output < outputs; output++) {
        const shares = weights.slice(output * width, (output + 1) * width);
        solveUpper(lower, width, shares);
        for (let row = 0; row < width; row++) {
          for (let column = 0; column < columns; column++) {
            result[output * columns + column]! += shares[row]! * standard[row * columns + column]!;
          }
        }
      }
      return result;
    },
  };
}

/** `factor` times a matrix with `ridge` added to its diagonal; without a ridge, just enough that it can be factored. */
function withRidge(matrix: Float64Array, size: number, factor: number, ridge: number | undefined): Float64Array {
  const result = matrix.map((value) => value * factor);
  let trace = 0;
  for (let index = 0; index < size; index++) trace += result[index * size + index]!;
  const added = ridge ?? Math.max((jitter * trace) / size, 1e-9);
  for (let index = 0; index < size; index++) result[index * size + index]! += added;
  return result;
}

/** Weights on coordinates and what is added, `[outputs, width]` and `[outputs]`. */
export interface LinearParameters {
  readonly outputs: number;
  readonly weights: Float64Array;
  readonly bias: Float64Array;
  /** A layer in between: units that are 0 where they would be negative. The weights above are on them then, `[outputs, units]`. */
  readonly hidden?: { readonly units: number; readonly weights: Float64Array; readonly bias: Float64Array } | undefined;
}

export interface SoftmaxProblem {
  readonly examples: PreparedExamples;
  /** Which of the examples are learnt from. */
  readonly rows: Int32Array;
  /** Class of every example, 0 to `classes - 1`. */
  readonly labels: Int32Array;
  readonly classes: number;
  /**
   * Ordered classes have one direction, along which each stands at its place: the odds of neighbours depend on it in the same way
   * (adjacent categories: Goodman, 1983; Agresti, 2010). @default each class has a direction of its own
   */
  readonly isOrdered?: boolean;
  /** How much the loss, in nats an example, counts half the squared length of the weights. Greater than 0. */
  readonly ridge: number;
  /** Stops where Newton's decrement says that the loss is within so many nats of its least value. @default 1e-8 */
  readonly tolerance?: number;
}

/** Factors for directions and classes: what each direction adds to the logit of a class, `[classes, directions]`. */
function placesOf({ classes, isOrdered = false }: Pick<SoftmaxProblem, "classes" | "isOrdered">): Float64Array | undefined {
  return isOrdered ? Float64Array.from({ length: classes }, (_, index) => (2 * index) / (classes - 1) - 1) : undefined;
}

const maximumIterations = 300;
const memory = 8;
/** The curvature of the loss over the products of features: p (1 - p) of probabilities that are neither sure nor at a loss. */
const curvature = 0.15;
/** Nats from the least loss at which the curvature is measured anew: until then a guess at it does as well. */
const measuredFrom = 1e-4;
/** Curvature that a bias has at least: of a class that no row has it would be none. */
const leastCurvature = 1e-6;

/** How the loss bends, by which steps are taken. */
export interface Steps {
  /** Of each direction: the lower triangular factor, `[width, width]`. */
  readonly factor: Float64Array;
  /** Of each bias. */
  readonly bias: number;
}

/**
 * How the loss bends where nothing is known yet: the same for all folds of a cross-validation.
 * @returns what {@link fitSoftmax} wants for examples and a ridge
 */
export function prepareSteps({ width, products }: PreparedExamples, ridge: number): Steps {
  return { factor: cholesky(withRidge(products, width, curvature, ridge), width), bias: curvature };
}

/** How the loss bends at a solution, in the mean of the classes: rows that are told surely no longer count. */
function measureSteps({ examples, rows, ridge, ...problem }: SoftmaxProblem, solution: LinearParameters): Steps {
  const { width, coordinates } = examples;
  const places = placesOf(problem);
  const weighted = new Float64Array(rows.length * width);
  let bias = 0;
  for (const [place, row] of rows.entries()) {
    const probabilities = scoreExample(solution, examples, row);
    toProbabilities(probabilities);
    const weight = rowCurvature(probabilities, places) / rows.length;
    bias += weight;
    const root = Math.sqrt(weight);
    for (let index = 0; index < width; index++) weighted[place * width + index] = root * coordinates[row * width + index]!;
  }
  const products = columnProducts(weighted, width, Array.from(rows.keys()));
  return { factor: cholesky(withRidge(products, width, 1, ridge), width), bias: Math.max(leastCurvature, bias) };
}

/** Along the one direction of ordered classes, or in the mean of the directions of others. */
function rowCurvature(probabilities: Float64Array, places: Float64Array | undefined): number {
  if (places === undefined) return probabilities.reduce((sum, p) => sum + p * (1 - p), 0) / probabilities.length;
  const mean = probabilities.reduce((sum, p, index) => sum + p * places[index]!, 0);
  return probabilities.reduce((sum, p, index) => sum + p * (places[index]! - mean) ** 2, 0);
}

/**
 * The multinomial logistic regression with a ridge that fits best, by L-BFGS (Liu and Nocedal, 1989) that begins
 * with the curvature that the features alone give, and ends with the one that it finds. The bias is not pulled towards 0.
 * @param steps see {@link prepareSteps}
 * @param start where to begin: the solution for a neighbouring ridge. @default 0
 */
export function fitSoftmax(
  problem: SoftmaxProblem,
  steps: Steps = prepareSteps(problem.examples, problem.ridge),
  start?: LinearParameters,
): LinearParameters {
  const { tolerance = 1e-8 } = problem;
  const near = descend(problem, Math.max(tolerance, measuredFrom), steps, start);
  return tolerance >= measuredFrom ? near : descend(problem, tolerance, measureSteps(problem, near), near);
}

function descend(
  problem: SoftmaxProblem,
  tolerance: number,
  { factor, bias }: Steps,
  start: LinearParameters | undefined,
): LinearParameters {
  const { width } = problem.examples;
  const places = placesOf(problem);
  const directions = places === undefined ? problem.classes : 1;
  const size = directions * width + problem.classes;
  const evaluate = createObjective(problem, places, directions);
  const precondition = (vector: Float64Array): void => {
    for (let direction = 0; direction < directions; direction++) {
      solveLower(factor, width, vector, direction * width);
      solveUpper(factor, width, vector, direction * width);
    }
    for (let index = directions * width; index < size; index++) vector[index]! /= bias;
  };
  const parameters = new Float64Array(size);
  if (start !== undefined) packStart(parameters, start, width, directions, places);
  minimise(evaluate, precondition, parameters, tolerance);
  return unpack(parameters, problem, places, directions);
}

function packStart(
  parameters: Float64Array,
  { weights, bias }: LinearParameters,
  width: number,
  directions: number,
  places: Float64Array | undefined,
): void {
  // Of one direction all rows are multiples: the last class stands at 1.
  parameters.set(places === undefined ? weights : weights.subarray(weights.length - width), 0);
  parameters.set(bias, directions * width);
}

function unpack(
  parameters: Float64Array,
  { classes, examples: { width } }: SoftmaxProblem,
  places: Float64Array | undefined,
  directions: number,
): LinearParameters {
  const bias = parameters.slice(directions * width);
  if (places === undefined) return { outputs: classes, weights: parameters.slice(0, directions * width), bias };
  const weights = new Float64Array(classes * width);
  for (let label = 0; label < classes; label++) {
    for (let column = 0; column < width; column++) weights[label * width + column] = places[label]! * parameters[column]!;
  }
  return { outputs: classes, weights, bias };
}

/** Value of the loss at `parameters`; its gradient is written to `gradient`. */
type Objective = (parameters: Float64Array, gradient: Float64Array) => number;

/** Rows that are gone through together: what is added to a gradient is read and written once for all of them. */
const together = 4;

function createObjective(problem: SoftmaxProblem, places: Float64Array | undefined, directions: number): Objective {
  const { rows, labels, classes, ridge } = problem;
  const { width, coordinates } = problem.examples;
  const logits = new Float64Array(classes);
  const projections = new Float64Array(directions * together);
  const pulls = new Float64Array(directions * together);
  const biasAt = directions * width;
  const addRow = (row: number, slot: number, parameters: Float64Array, gradient: Float64Array): number => {
    const at = slot * directions;
    for (let k = 0; k < classes; k++)
      logits[k] = (places === undefined ? projections[at + k]! : places[k]! * projections[at]!) + parameters[biasAt + k]!;
    const label = labels[row]!;
    const given = logits[label]!;
    const loss = toProbabilities(logits) - given;
    if (places !== undefined) pulls[at] = 0;
    for (let k = 0; k < classes; k++) {
      const error = logits[k]! - Number(k === label);
      gradient[biasAt + k]! += error;
      if (places === undefined) pulls[at + k] = error;
      else pulls[at]! += places[k]! * error;
    }
    return loss;
  };
  const project = (block: Int32Array, d: number, parameters: Float64Array): void => {
    if (block.length === together) {
      const at = [block[0]! * width, block[1]! * width, block[2]! * width, block[3]! * width] as const;
      fourProducts({ vector: parameters, offset: d * width, length: width }, coordinates, at, {
        target: projections,
        put: d,
        step: directions,
      });
      return;
    }
    for (const [slot, row] of block.entries())
      projections[slot * directions + d] = dot(parameters, d * width, coordinates, row * width, width);
  };
  /** Adds rows, each times its pull in direction `d`, to that direction's gradient. */
  const addPulled = (gradient: Float64Array, block: Int32Array, d: number): void => {
    const offset = d * width;
    if (block.length < together) {
      for (const [slot, row] of block.entries()) {
        const pull = pulls[slot * directions + d]!;
        for (let index = 0; index < width; index++) gradient[offset + index]! += pull * coordinates[row * width + index]!;
      }
      return;
    }
    const [p0, p1, p2, p3] = [pulls[d]!, pulls[directions + d]!, pulls[2 * directions + d]!, pulls[3 * directions + d]!];
    const [r0, r1, r2, r3] = [block[0]! * width, block[1]! * width, block[2]! * width, block[3]! * width];
    for (let index = 0; index < width; index++) {
      gradient[offset + index]! +=
        p0 * coordinates[r0 + index]! + p1 * coordinates[r1 + index]! + (p2 * coordinates[r2 + index]! + p3 * coordinates[r3 + index]!);
    }
  };
  return (parameters, gradient) => {
    gradient.fill(0);
    let loss = 0;
    for (let start = 0; start < rows.length; start += together) {
      const block = rows.subarray(start, start + together);
      for (let d = 0; d < directions; d++) project(block, d, parameters);
      for (const [slot, row] of block.entries()) loss += addRow(row, slot, parameters, gradient);
      for (let d = 0; d < directions; d++) addPulled(gradient, block, d);
    }
    const share = 1 / rows.length;
    let squares = 0;
    for (let index = 0; index < biasAt; index++) {
      const weight = parameters[index]!;
      squares += weight * weight;
      gradient[index] = gradient[index]! * share + ridge * weight;
    }
    for (let index = biasAt; index < gradient.length; index++) gradient[index]! *= share;
    return loss * share + (ridge / 2) * squares;
  };
}

/** Softmax in place. @returns the logarithm of the sum of exponentials */
function toProbabilities(logits: Float64Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const logit of logits) if (logit > largest) largest = logit;
  let sum = 0;
  for (let index = 0; index < logits.length; index++) sum += logits[index] = Math.exp(logits[index]! - largest);
  for (let index = 0; index < logits.length; index++) logits[index]! /= sum;
  return largest + Math.log(sum);
}

/** Adds `factor` times a stretch of `source` to all of `target`. */
function addScaled(target: Float64Array, source: Float64Array, from: number, factor: number): void {
  if (Math.abs(factor) < 1e-12) return;
  for (let index = 0; index < target.length; index++) target[index]! += factor * source[from + index]!;
}

function innerProduct(a: Float64Array, b: Float64Array): number {
  return dot(a, 0, b, 0, a.length);
}

/** L-BFGS with backtracking; `parameters` are changed in place. */
function minimise(evaluate: Objective, precondition: (vector: Float64Array) => void, parameters: Float64Array, tolerance: number): void {
  const size = parameters.length;
  let gradient = new Float64Array(size);
  let value = evaluate(parameters, gradient);
  const history: { readonly step: Float64Array; readonly change: Float64Array; readonly scale: number }[] = [];
  for (let iteration = 0; iteration < maximumIterations; iteration++) {
    const direction = searchDirection(gradient, history, precondition);
    const slope = innerProduct(gradient, direction);
    // Half of it is about how much lower the loss can get.
    if (-slope / 2 < tolerance) return;
    const next = new Float64Array(size);
    const nextGradient = new Float64Array(size);
    let [length, nextValue] = [1, 0];
    for (;;) {
      for (let index = 0; index < size; index++) next[index] = parameters[index]! + length * direction[index]!;
      nextValue = evaluate(next, nextGradient);
      if (nextValue <= value + 1e-4 * length * slope) break;
      length /= 2;
      // Rounding is all that is left.
      if (length < 1e-6) return;
    }
    const step = direction.map((change) => change * length);
    const change = nextGradient.map((slopeThere, index) => slopeThere - gradient[index]!);
    const product = innerProduct(step, change);
    if (product > 0) history.push({ step, change, scale: 1 / product });
    if (history.length > memory) history.shift();
    parameters.set(next);
    [gradient, value] = [nextGradient, nextValue];
  }
}

function searchDirection(
  gradient: Float64Array,
  history: readonly { readonly step: Float64Array; readonly change: Float64Array; readonly scale: number }[],
  precondition: (vector: Float64Array) => void,
): Float64Array {
  const direction = gradient.map((value) => -value);
  const shares: number[] = [];
  for (const { step, change, scale } of history.toReversed()) {
    const share = scale * innerProduct(step, direction);
    shares.push(share);
    for (let index = 0; index < direction.length; index++) direction[index]! -= share * change[index]!;
  }
  precondition(direction);
  for (const { step, change, scale } of history) {
    const difference = shares.pop()! - scale * innerProduct(change, direction);
    for (let index = 0; index < direction.length; index++) direction[index]! += difference * step[index]!;
  }
  return direction;
}

/**
 * The line that fits numbers best with a ridge: exact, by the normal equations.
 * @param values the number of every example
 * @param rows which of them are learnt from
 */
export function fitLine(examples: PreparedExamples, rows: Int32Array, values: Float64Array, ridge: number): LinearParameters {
  const { width, coordinates } = examples;
  const means = new Float64Array(width);
  let mean = 0;
  for (const row of rows) {
    mean += values[row]! / rows.length;
    for (let column = 0; column < width; column++) means[column]! += coordinates[row * width + column]! / rows.length;
  }
  const products = columnProducts(coordinates, width, rows);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) products[i * width + j] = products[i * width + j]! / rows.length - means[i]! * means[j]!;
  }
  const weights = new Float64Array(width);
  for (const row of rows) addScaled(weights, coordinates, row * width, (values[row]! - mean) / rows.length);
  const lower = cholesky(withRidge(products, width, 1, ridge), width);
  solveLower(lower, width, weights);
  solveUpper(lower, width, weights);
  return { outputs: 1, weights, bias: Float64Array.of(mean - dot(weights, 0, means, 0, width)) };
}

/** What a head says of an example that it was prepared with: its outputs before any activation, `[outputs]`. */
export function scoreExample(parameters: LinearParameters, { width, coordinates }: PreparedExamples, row: number): Float64Array {
  const { hidden } = parameters;
  if (hidden === undefined) return multiply(parameters, coordinates, row * width, width);
  const units = multiply({ ...hidden, outputs: hidden.units }, coordinates, row * width, width);
  return multiply(
    parameters,
    units.map((value) => Math.max(0, value)),
    0,
    hidden.units,
  );
}

function multiply(
  { outputs, weights, bias }: Pick<LinearParameters, "outputs" | "weights" | "bias">,
  values: Float64Array,
  offset: number,
  width: number,
): Float64Array {
  return Float64Array.from({ length: outputs }, (_, output) => dot(weights, output * width, values, offset, width) + bias[output]!);
}

/** A head on features as they come out of a network. */
export interface LinearHead {
  readonly columns: number;
  readonly outputs: number;
  readonly scaling: FeatureScaling;
  /** On standardised, bounded columns, `[outputs, columns]`; where a layer is in between, on its units. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  /** Units between columns and outputs, 0 where they would be negative: weights `[units, columns]`. */
  readonly hidden?: { readonly units: number; readonly weights: Float32Array; readonly bias: Float32Array } | undefined;
}

/** A head that stands alone. @param scale multiplies what it says: one over a temperature. @default 1 */
export function finishHead(parameters: LinearParameters, examples: PreparedExamples, scale = 1): LinearHead {
  const { outputs, weights, bias, hidden } = parameters;
  const { scaling, toColumns } = examples;
  const finished = {
    columns: scaling.mean.length,
    outputs,
    scaling,
    bias: Float32Array.from(bias, (value) => value * scale),
  };
  const scaled = (values: Float64Array): Float32Array => Float32Array.from(values, (weight) => weight * scale);
  if (hidden === undefined) return { ...finished, weights: scaled(toColumns(weights, outputs)) };
  return {
    ...finished,
    weights: scaled(weights),
    hidden: {
      units: hidden.units,
      weights: Float32Array.from(toColumns(hidden.weights, hidden.units)),
      bias: Float32Array.from(hidden.bias),
    },
  };
}

/** What a head says of a row of any matrix: its outputs before any activation, `[outputs]`. */
export function applyHead({ columns, scaling, hidden, ...head }: LinearHead, features: FeatureMatrix, row: number): Float64Array {
  const input = new Float32Array(columns);
  standardiseRow(features, row, scaling, input);
  if (hidden === undefined) return applyLayer(head, input);
  return applyLayer(
    head,
    applyLayer({ ...hidden, outputs: hidden.units }, input).map((value) => Math.max(0, value)),
  );
}

function applyLayer(
  { outputs, weights, bias }: { readonly outputs: number; readonly weights: Float32Array; readonly bias: Float32Array },
  values: ArrayLike<number>,
): Float64Array {
  const { length } = values;
  return Float64Array.from({ length: outputs }, (_, output) => {
    let sum = bias[output]!;
    for (let index = 0; index < length; index++) sum += weights[output * length + index]! * values[index]!;
    return sum;
  });
}
