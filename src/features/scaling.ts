import type { FeatureMatrix } from "./feature-matrix.ts";

/** A standardised value beyond this is taken for it: one strange picture must not pull a whole head. */
export const largestDeviation = 8;

/** Brings columns to mean 0 and deviation 1. */
export interface FeatureScaling {
  readonly mean: Float32Array;
  /** One over the standard deviation; 0 for a constant column. */
  readonly inverse: Float32Array;
}

/** Mean and inverse deviation of every column over some rows. */
export function fitScaling({ columns, data }: FeatureMatrix, rows: ArrayLike<number>): FeatureScaling {
  const sums = new Float64Array(columns);
  const squares = new Float64Array(columns);
  for (let index = 0; index < rows.length; index++) {
    const offset = rows[index]! * columns;
    for (let column = 0; column < columns; column++) {
      const value = data[offset + column]!;
      sums[column]! += value;
      squares[column]! += value * value;
    }
  }
  const means = sums.map((sum) => sum / rows.length);
  const inverse = Float32Array.from(squares, (square, column) => {
    const variance = square / rows.length - means[column]! ** 2;
    return variance > 1e-8 ? 1 / Math.sqrt(variance) : 0;
  });
  return { mean: Float32Array.from(means), inverse };
}

/** Writes a row, standardised and bounded, to the beginning of `target`. */
export function standardiseRow(
  { columns, data }: FeatureMatrix,
  row: number,
  { mean, inverse }: FeatureScaling,
  target: Float32Array,
): void {
  const offset = row * columns;
  for (let column = 0; column < columns; column++) {
    const value = (data[offset + column]! - mean[column]!) * inverse[column]!;
    target[column] = Math.max(-largestDeviation, Math.min(largestDeviation, value));
  }
}

/** The chosen rows in their order, standardised and bounded: `[rows.length, columns]`. */
export function standardiseRows(features: FeatureMatrix, rows: ArrayLike<number>, scaling: FeatureScaling): FeatureMatrix {
  const { columns } = features;
  const data = new Float32Array(rows.length * columns);
  for (let index = 0; index < rows.length; index++) {
    standardiseRow(features, rows[index]!, scaling, data.subarray(index * columns, (index + 1) * columns));
  }
  return { rows: rows.length, columns, data };
}
