import { createRandom } from "../core/index.ts";
import { cholesky, solveLower, solveUpper } from "./linear-algebra.ts";
import type { FeatureMatrix } from "./feature-matrix.ts";
import { fitScaling, standardiseRows } from "./scaling.ts";

/** Features with what closed-form models need of them, whichever fold is left out. */
export interface FoldedFeatures {
  readonly rows: number;
  readonly columns: number;
  /** Standardised and bounded, `[rows, columns]`. */
  readonly standard: Float32Array;
  /** Fold of every row. */
  readonly folds: ArrayLike<number>;
  readonly foldCount: number;
  /** Sums of products of columns over the rows of each fold, `[folds][columns, columns]`, the lower half. */
  readonly products: readonly Float64Array[];
}

/** Wider features are projected: the time of closed-form models grows with the square of the columns. */
const widest = 512;
/**
 * What is added to the diagonal of a covariance, as a share of its mean. With 0.03 for 0.3 the queue of planted errors was as good on the
 * genders of All-Age-Faces and a little worse on moods (`npm run bench -- cleaning`).
 */
const ridge = 0.3;
/** A logit of a class that nobody in the training folds has. */
const absent = -30;

/** Prepares features for models that are fitted once for each fold, on the other folds. */
export function foldFeatures(features: FeatureMatrix, folds: ArrayLike<number>): FoldedFeatures {
  const narrow = features.columns > widest ? project(features, widest) : features;
  const everyRow = Array.from({ length: narrow.rows }, (_, row) => row);
  const { data: standard, columns, rows } = standardiseRows(narrow, everyRow, fitScaling(narrow, everyRow));
  const foldCount = everyRow.reduce((count, row) => Math.max(count, folds[row]! + 1), 0);
  const products = Array.from({ length: foldCount }, () => new Float64Array(columns * columns));
  for (let row = 0; row < rows; row++) addProducts(products[folds[row]!]!, standard.subarray(row * columns, (row + 1) * columns));
  return { rows, columns, standard, folds, foldCount, products };
}

function addProducts(sums: Float64Array, row: Float32Array): void {
  for (let i = 0; i < row.length; i++) {
    const value = row[i]!;
    if (value === 0) continue;
    const offset = i * row.length;
    for (let j = 0; j <= i; j++) sums[offset + j]! += value * row[j]!;
  }
}

/** A random projection with a fixed seed; columns are brought to one spread before. */
function project(features: FeatureMatrix, width: number): FeatureMatrix {
  const { rows, columns } = features;
  const everyRow = Array.from({ length: rows }, (_, row) => row);
  const scaling = fitScaling(features, everyRow);
  const { places, starts, turns } = drawDirections(columns, width);
  const data = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const offset = row * width;
    for (let column = 0; column < columns; column++) {
      const value = (features.data[row * columns + column]! - scaling.mean[column]!) * scaling.inverse[column]!;
      if (value === 0) continue;
      let index = starts[column]!;
      for (const turn = turns[column]!; index < turn; index++) data[offset + places[index]!]! += value;
      for (const end = starts[column + 1]!; index < end; index++) data[offset + places[index]!]! -= value;
    }
  }
  return { rows, columns: width, data };
}

/** Where each column goes: it is added to the places from its start on, and taken from those from its turn up to the next one's start. */
interface Directions {
  readonly places: Uint16Array;
  readonly starts: Uint32Array;
  readonly turns: Uint32Array;
}

/** Three in four are 0 (Achlioptas, 2003): a quarter of the work, and distances keep. Numbers one after the other, for they are gone through once a row. */
function drawDirections(columns: number, width: number): Directions {
  const random = createRandom(1);
  const places: number[] = [];
  const starts = new Uint32Array(columns + 1);
  const turns = new Uint32Array(columns);
  for (let column = 0; column < columns; column++) {
    const uniforms = Array.from({ length: width }, () => random.uniform());
    for (const [to, uniform] of uniforms.entries()) if (uniform < 0.125) places.push(to);
    turns[column] = places.length;
    for (const [to, uniform] of uniforms.entries()) if (uniform >= 0.125 && uniform < 0.25) places.push(to);
    starts[column + 1] = places.length;
  }
  return { places: Uint16Array.from(places), starts, turns };
}

/** What is learnt from all folds but one. */
interface Training {
  readonly rows: readonly number[];
  readonly judged: readonly number[];
  /** Sums of products over `rows`, the lower half. */
  readonly products: Float64Array;
}

/** Each fold with the rows that it is judged by; folds of which nothing is left to learn from are passed over. */
function* trainings({ rows, folds, foldCount, products }: FoldedFeatures): Generator<Training> {
  const total = new Float64Array(products[0]?.length ?? 0);
  for (const part of products) for (let index = 0; index < total.length; index++) total[index]! += part[index]!;
  const everyRow = Array.from({ length: rows }, (_, row) => row);
  for (let fold = 0; fold < foldCount; fold++) {
    const judged = everyRow.filter((row) => folds[row] === fold);
    if (judged.length === 0 || judged.length === rows) continue;
    yield {
      rows: everyRow.filter((row) => folds[row] !== fold),
      judged,
      products: total.map((sum, index) => sum - products[fold]![index]!),
    };
  }
}

/** A factor of a covariance with its ridge. */
function factor(covariance: Float64Array, columns: number): Float64Array {
  let trace = 0;
  for (let index = 0; index < columns; index++) trace += covariance[index * columns + index]!;
  const added = Math.max(1e-6, (ridge * trace) / columns);
  for (let index = 0; index < columns; index++) covariance[index * columns + index]! += added;
  return cholesky(covariance, columns);
}

function dotRow(weights: Float64Array, standard: Float32Array, offset: number): number {
  let sum = 0;
  for (let column = 0; column < weights.length; column++) sum += weights[column]! * standard[offset + column]!;
  return sum;
}

/**
 * Logits of classes by linear discriminant analysis (Fisher, 1936; classes with one covariance), each row's by a model that has not seen it.
 * A class is described by the mean of its members, which a few wrong ones hardly move.
 * @param labels class of every row, 0 to `classes - 1`
 * @returns `[rows, classes]`; all alike where every row is in one fold
 */
export function discriminantLogits(features: FoldedFeatures, labels: ArrayLike<number>, classes: number): Float64Array {
  const { rows, columns, standard } = features;
  const logits = new Float64Array(rows * classes);
  for (const training of trainings(features)) {
    const { means, counts } = classMeans(features, training.rows, labels, classes);
    const within = training.products.map((sum) => sum / training.rows.length);
    for (let label = 0; label < classes; label++) {
      const mean = means.subarray(label * columns, (label + 1) * columns);
      const share = counts[label]! / training.rows.length;
      for (let i = 0; i < columns; i++) for (let j = 0; j <= i; j++) within[i * columns + j]! -= share * mean[i]! * mean[j]!;
    }
    const lower = factor(within, columns);
    for (let label = 0; label < classes; label++) {
      const mean = means.subarray(label * columns, (label + 1) * columns);
      const weights = Float64Array.from(mean);
      solveLower(lower, columns, weights);
      solveUpper(lower, columns, weights);
      const bias = Math.log(counts[label]! / training.rows.length) - weights.reduce((sum, weight, i) => sum + weight * mean[i]!, 0) / 2;
      for (const row of training.judged) {
        logits[row * classes + label] = counts[label] === 0 ? absent : dotRow(weights, standard, row * columns) + bias;
      }
    }
  }
  return logits;
}

function classMeans({ columns, standard }: FoldedFeatures, rows: readonly number[], labels: ArrayLike<number>, classes: number) {
  const means = new Float64Array(classes * columns);
  const counts = new Float64Array(classes);
  for (const row of rows) {
    const label = labels[row]!;
    counts[label]!++;
    for (let column = 0; column < columns; column++) means[label * columns + column]! += standard[row * columns + column]!;
  }
  for (let index = 0; index < means.length; index++) means[index]! /= Math.max(1, counts[Math.floor(index / columns)]!);
  return { means, counts };
}

/**
 * A number by linear regression with a ridge, each row's by a model that has not seen it.
 * @param values the number of every row
 * @returns `[rows]`; the mean of all where every row is in one fold
 */
export function regressedValues(features: FoldedFeatures, values: Float64Array): Float64Array {
  return regress(features, values, 1);
}

/** What a class has at least of a regression: it is no probability, and may be negative. */
const leastMembership = 0.01;

/**
 * Logits of classes by regression: how much of each class a row is, each row's by a model that has not seen it. A row that is far from every class
 * is no more of one for it, as it is to {@link discriminantLogits}.
 * @param labels class of every row, 0 to `classes - 1`
 * @returns `[rows, classes]`, logarithms
 */
export function regressedLogits(features: FoldedFeatures, labels: ArrayLike<number>, classes: number): Float64Array {
  const members = new Float64Array(features.rows * classes);
  for (let row = 0; row < features.rows; row++) members[row * classes + labels[row]!] = 1;
  return regress(features, members, classes).map((share) => Math.log(Math.max(leastMembership, share)));
}

/** @param values `[rows, outputs]` */
function regress(features: FoldedFeatures, values: Float64Array, outputs: number): Float64Array {
  const { rows, columns, standard } = features;
  const everyRow = Array.from({ length: rows }, (_, row) => row);
  const means = meansOf(values, everyRow, outputs);
  const result = values.map((_, index) => means[index % outputs]!);
  for (const training of trainings(features)) {
    const count = training.rows.length;
    const mean = meansOf(values, training.rows, outputs);
    const middle = new Float64Array(columns);
    const weights = new Float64Array(outputs * columns);
    for (const row of training.rows) {
      for (let column = 0; column < columns; column++) middle[column]! += standard[row * columns + column]! / count;
      for (let output = 0; output < outputs; output++) {
        const off = (values[row * outputs + output]! - mean[output]!) / count;
        for (let column = 0; column < columns; column++) weights[output * columns + column]! += standard[row * columns + column]! * off;
      }
    }
    const covariance = training.products.map((sum) => sum / count);
    for (let i = 0; i < columns; i++) for (let j = 0; j <= i; j++) covariance[i * columns + j]! -= middle[i]! * middle[j]!;
    const lower = factor(covariance, columns);
    for (let output = 0; output < outputs; output++) {
      const own = weights.subarray(output * columns, (output + 1) * columns);
      solveLower(lower, columns, own);
      solveUpper(lower, columns, own);
      const bias = mean[output]! - own.reduce((sum, weight, column) => sum + weight * middle[column]!, 0);
      for (const row of training.judged) result[row * outputs + output] = dotRow(own, standard, row * columns) + bias;
    }
  }
  return result;
}

function meansOf(values: Float64Array, rows: readonly number[], outputs: number): Float64Array {
  const means = new Float64Array(outputs);
  for (const row of rows) for (let output = 0; output < outputs; output++) means[output]! += values[row * outputs + output]! / rows.length;
  return means;
}

/** The rows of other folds that are most like each row, and how much each counts. */
export interface Neighbours {
  readonly count: number;
  /** `[rows, count]`; -1 where there are fewer. */
  readonly indices: Int32Array;
  /** `[rows, count]`, 0..1. */
  readonly weights: Float32Array;
}

const neighbourCount = 30;
/** Rows among which neighbours are looked for: enough to be near, and time stays linear in the rows. */
const referenceLimit = 4000;
/** How steeply a neighbour counts less that is less alike: e times less for a tenth of a cosine. */
const steepness = 10;
const projectedColumns = 128;

/** The nearest rows by the angle between standardised features; those of a row's own fold, where its copies are, do not count. */
export function findNeighbours(features: FoldedFeatures, columnsUsed: number = projectedColumns): Neighbours {
  const { rows, folds } = features;
  const { columns, data } =
    features.columns > columnsUsed
      ? project({ ...features, data: features.standard }, columnsUsed)
      : { ...features, data: features.standard };
  const points = unitRows(data, rows, columns);
  const step = Math.max(1, rows / referenceLimit);
  const references = Array.from({ length: Math.min(rows, referenceLimit) }, (_, index) => Math.floor(index * step));
  const indices = new Int32Array(rows * neighbourCount).fill(-1);
  const weights = new Float32Array(rows * neighbourCount);
  const nearest = new Float64Array(neighbourCount);
  for (let row = 0; row < rows; row++) {
    const from = row * columns;
    const found = indices.subarray(row * neighbourCount, (row + 1) * neighbourCount);
    nearest.fill(Number.NEGATIVE_INFINITY);
    for (const reference of references) {
      if (folds[reference] === folds[row]) continue;
      insert(nearest, found, dotRows(points, from, reference * columns, columns), reference);
    }
    for (let place = 0; place < neighbourCount; place++) {
      if (found[place]! >= 0) weights[row * neighbourCount + place] = Math.exp((nearest[place]! - nearest[0]!) * steepness);
    }
  }
  return { count: neighbourCount, indices, weights };
}

/** The product of two rows. Four sums at a time: one alone waits for itself at every step. */
function dotRows(points: Float32Array, first: number, second: number, columns: number): number {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let column = 0;
  for (; column + 3 < columns; column += 4) {
    a += points[first + column]! * points[second + column]!;
    b += points[first + column + 1]! * points[second + column + 1]!;
    c += points[first + column + 2]! * points[second + column + 2]!;
    d += points[first + column + 3]! * points[second + column + 3]!;
  }
  for (; column < columns; column++) a += points[first + column]! * points[second + column]!;
  return a + b + c + d;
}

/** Keeps the greatest values in descending order, with whose they are. */
function insert(values: Float64Array, owners: Int32Array, value: number, owner: number): void {
  let place = values.length - 1;
  if (value <= values[place]!) return;
  while (place > 0 && values[place - 1]! < value) {
    values[place] = values[place - 1]!;
    owners[place] = owners[place - 1]!;
    place--;
  }
  values[place] = value;
  owners[place] = owner;
}

function unitRows(data: Float32Array, rows: number, columns: number): Float32Array {
  const points = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    let squares = 1e-9;
    for (let column = 0; column < columns; column++) squares += data[row * columns + column]! ** 2;
    const scale = 1 / Math.sqrt(squares);
    for (let column = 0; column < columns; column++) points[row * columns + column] = data[row * columns + column]! * scale;
  }
  return points;
}

/** Logarithms of the shares of classes among neighbours, to which one face drawn from all is added: `[rows, classes]`. */
export function neighbourLogits({ count, indices, weights }: Neighbours, labels: ArrayLike<number>, classes: number): Float64Array {
  const prior = new Float64Array(classes);
  for (let row = 0; row < labels.length; row++) prior[labels[row]!]! += 1 / labels.length;
  const logits = new Float64Array(labels.length * classes);
  for (let row = 0; row < labels.length; row++) {
    const votes = prior.slice();
    for (let place = row * count; place < (row + 1) * count; place++) {
      if (indices[place]! >= 0) votes[labels[indices[place]!]!]! += weights[place]!;
    }
    const sum = votes.reduce((total, vote) => total + vote, 0);
    for (let label = 0; label < classes; label++) logits[row * classes + label] = Math.log(Math.max(votes[label]!, 1e-6) / sum);
  }
  return logits;
}

/** The mean number of neighbours: `[rows]`. */
export function neighbourValues({ count, indices, weights }: Neighbours, values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((_, row) => {
    let [sum, total] = [mean * 0.1, 0.1];
    for (let place = row * count; place < (row + 1) * count; place++) {
      const neighbour = indices[place]!;
      if (neighbour < 0) continue;
      sum += weights[place]! * values[neighbour]!;
      total += weights[place]!;
    }
    return sum / total;
  });
}
