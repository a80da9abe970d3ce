import {
  cholesky,
  columnProducts,
  type FeatureMatrix,
  type FeatureScaling,
  invertLower,
  solveLower,
  solveLowerRows,
  standardiseRows,
} from "../../features/index.ts";
import type { Targets } from "./targets.ts";

/**
 * How unlike all examples a picture is: its Mahalanobis distance to the nearest class's mean, classes sharing one shrunk covariance
 * (Lee et al., NeurIPS 2018). It holds means and a covariance, no example.
 */
export interface NoveltyModel {
  readonly columns: number;
  /** Turns standardised columns into ones of unit covariance, `[columns, columns]`, lower triangular. */
  readonly whitening: Float32Array;
  /** Means of the classes after that, `[classes, columns]`. */
  readonly centres: Float32Array;
  readonly classes: number;
}

/** What of the mean variance is added to each: with few examples a covariance knows too little of most directions. */
const shrinkage = 0.1;
/** Points at which the distribution of distances is kept: 0, 0.01, ..., 1. */
export const quantileCount = 101;

/** Sums of rows of one class each, and their products: can be taken apart again, fold by fold. */
interface ClassSums {
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  readonly products: Float64Array;
}

function sumClasses(
  data: Float64Array,
  columns: number,
  rows: readonly number[],
  classOf: (row: number) => number,
  classes: number,
): ClassSums {
  const counts = new Float64Array(classes);
  const sums = new Float64Array(classes * columns);
  for (const row of rows) {
    const label = classOf(row);
    counts[label]! += 1;
    for (let column = 0; column < columns; column++) sums[label * columns + column]! += data[row * columns + column]!;
  }
  return { counts, sums, products: columnProducts(data, columns, rows) };
}

type Combine = (a: number, b: number) => number;

function combine(one: ClassSums, other: ClassSums, combined: Combine): ClassSums {
  const both = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, index) => combined(value, b[index]!));
  return { counts: both(one.counts, other.counts), sums: both(one.sums, other.sums), products: both(one.products, other.products) };
}

const plus: Combine = (a, b) => a + b;
const minus: Combine = (a, b) => a - b;

/** Means and the factor of their common covariance: distances can be told, one row at a time. */
interface Shape {
  /** Lower triangular, `[columns, columns]`. */
  readonly lower: Float64Array;
  /** The classes that have rows, in coordinates of unit covariance: `[classes][columns]`. */
  readonly centres: readonly Float64Array[];
}

function fit({ counts, sums, products }: ClassSums, columns: number): Shape {
  const present = [...counts.keys()].filter((label) => counts[label]! > 0);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const covariance = products.map((value) => value / total);
  const means = present.map((label) => sums.slice(label * columns, (label + 1) * columns).map((sum) => sum / counts[label]!));
  for (const [index, mean] of means.entries()) {
    const share = counts[present[index]!]! / total;
    for (let i = 0; i < columns; i++) {
      for (let j = 0; j <= i; j++) covariance[i * columns + j]! -= share * mean[i]! * mean[j]!;
    }
  }
  let trace = 0;
  for (let index = 0; index < columns; index++) trace += covariance[index * columns + index]!;
  const added = Math.max((shrinkage * trace) / columns, 1e-6);
  for (let index = 0; index < columns; index++) covariance[index * columns + index]! += added;
  const lower = cholesky(covariance, columns);
  for (const mean of means) solveLower(lower, columns, mean);
  return { lower, centres: means };
}

/** The distances of some rows of standardised columns, each to its nearest centre. */
function distancesTo({ lower, centres }: Shape, data: Float64Array, columns: number, places: readonly number[]): Float64Array {
  const white = new Float64Array(places.length * columns);
  for (const [index, place] of places.entries()) white.set(data.subarray(place * columns, (place + 1) * columns), index * columns);
  solveLowerRows(lower, columns, white, places.length);
  return Float64Array.from(places, (_, index) =>
    Math.sqrt(Math.min(...centres.map((centre) => squaredDistance(centre, white, index * columns)))),
  );
}

function squaredDistance(centre: Float64Array, data: Float64Array, offset: number): number {
  let sum = 0;
  for (let column = 0; column < centre.length; column++) sum += (data[offset + column]! - centre[column]!) ** 2;
  return sum;
}

/** The inverse is large work that folds, which are asked of a few rows, do not need. */
function toModel({ lower, centres }: Shape, columns: number): NoveltyModel {
  return {
    columns,
    whitening: Float32Array.from(invertLower(lower, columns)),
    centres: Float32Array.from(centres.flatMap((centre) => [...centre])),
    classes: centres.length,
  };
}

export interface FittedNovelty {
  readonly model: NoveltyModel;
  /** Distances of examples that the model had not seen, at 0, 0.01, ..., 1 of them: 101 numbers that do not fall. */
  readonly quantiles: readonly number[];
  /** Each row's distance while it was not seen, in the order of `rows`. */
  readonly unseen: Float64Array;
}

/**
 * Learns what is usual, and how far usual pictures are that were not learnt from.
 * @param folds fold of each of `rows`
 */
export function fitNovelty(
  features: FeatureMatrix,
  rows: ArrayLike<number>,
  targets: Targets,
  scaling: FeatureScaling,
  folds: Int32Array,
): FittedNovelty {
  const { columns } = features;
  const data = Float64Array.from(standardiseRows(features, rows, scaling).data);
  // Tags and numbers have no classes to be near: all examples are one.
  const classes = targets.kind === "classes" || targets.kind === "ordered" ? targets.labels : 1;
  const classOf = (place: number): number => ("classes" in targets ? targets.classes[rows[place]!]! : 0);
  const places = Array.from({ length: rows.length }, (_, place) => place);
  // Each row is multiplied once: the sums of all are those of the folds together.
  const parts = [...Map.groupBy(places, (place) => folds[place]!).values()].map((members) => ({
    members,
    own: sumClasses(data, columns, members, classOf, classes),
  }));
  const all = parts.map(({ own }) => own).reduce((sum, own) => combine(sum, own, plus));
  const unseen = new Float64Array(rows.length);
  for (const { members, own } of parts) {
    const shape = fit(parts.length === 1 ? all : combine(all, own, minus), columns);
    for (const [index, distance] of distancesTo(shape, data, columns, members).entries()) unseen[members[index]!] = distance;
  }
  return { model: toModel(fit(all, columns), columns), quantiles: quantilesOf(unseen), unseen };
}

/**
 * As {@link fitNovelty}, where some rows were kept apart: how far usual pictures are is read off those, since the network has learnt the
 * others by heart.
 */
export function fitNoveltyApart(
  features: FeatureMatrix,
  rows: Int32Array,
  apart: Int32Array,
  targets: Targets,
  scaling: FeatureScaling,
): FittedNovelty {
  const both = Int32Array.from([...rows, ...apart]);
  const { columns } = features;
  const data = Float64Array.from(standardiseRows(features, both, scaling).data);
  const classes = targets.kind === "classes" || targets.kind === "ordered" ? targets.labels : 1;
  const classOf = (place: number): number => ("classes" in targets ? targets.classes[both[place]!]! : 0);
  const places = Array.from(rows, (_, place) => place);
  const shape = fit(sumClasses(data, columns, places, classOf, classes), columns);
  const unseen = distancesTo(
    shape,
    data,
    columns,
    Array.from(apart, (_, place) => rows.length + place),
  );
  return { model: toModel(shape, columns), quantiles: quantilesOf(unseen), unseen };
}

function quantilesOf(values: Float64Array): number[] {
  const sorted = Float64Array.from(values).sort();
  return Array.from({ length: quantileCount }, (_, index) => {
    const position = (index / (quantileCount - 1)) * (sorted.length - 1);
    const below = Math.floor(position);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below]! + (sorted[above]! - sorted[below]!) * (position - below);
  });
}
