import { createRandom, shuffled } from "../core/index.ts";
import type { FeatureMatrix } from "./feature-matrix.ts";

/** Puts matrices with the same rows side by side. */
export function joinFeatures(parts: readonly FeatureMatrix[]): FeatureMatrix {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const rows = first?.rows ?? 0;
  const columns = parts.reduce((sum, part) => sum + part.columns, 0);
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    let offset = row * columns;
    for (const part of parts) {
      data.set(part.data.subarray(row * part.columns, (row + 1) * part.columns), offset);
      offset += part.columns;
    }
  }
  return { rows, columns, data };
}

/** Dimensions after the projection; distances keep within about a tenth (Johnson and Lindenstrauss, 1984). */
const projectedColumns = 32;
/** Rows that neighbours are looked for in: enough to know what is usual, and time stays linear in the rows. */
const referenceLimit = 4000;
const neighbours = 10;

/** A random projection with a fixed seed: `[rows, 32]`, columns brought to the same spread first. */
function project({ rows, columns, data }: FeatureMatrix): Float32Array {
  const random = createRandom(1);
  const directions = Float32Array.from({ length: columns * projectedColumns }, () => random.normal());
  const spread = columnSpread({ rows, columns, data });
  const result = new Float32Array(rows * projectedColumns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = data[row * columns + column]! * spread[column]!;
      if (value === 0) continue;
      for (let to = 0; to < projectedColumns; to++) {
        result[row * projectedColumns + to]! += value * directions[column * projectedColumns + to]!;
      }
    }
  }
  return result;
}

/** One over the standard deviation of each column; 0 for constant ones. */
function columnSpread({ rows, columns, data }: FeatureMatrix): Float32Array {
  const sums = new Float64Array(columns);
  const squares = new Float64Array(columns);
  for (let index = 0; index < rows * columns; index++) {
    sums[index % columns]! += data[index]!;
    squares[index % columns]! += data[index]! ** 2;
  }
  return Float32Array.from(squares, (square, column) => {
    const variance = square / rows - (sums[column]! / rows) ** 2;
    return variance > 1e-8 ? 1 / Math.sqrt(variance) : 0;
  });
}

/** Keeps the smallest `neighbours` distances in ascending order. */
function insertDistance(nearest: Float32Array, distance: number): void {
  let place = nearest.length - 1;
  if (distance >= nearest[place]!) return;
  while (place > 0 && nearest[place - 1]! > distance) {
    nearest[place] = nearest[place - 1]!;
    place--;
  }
  nearest[place] = distance;
}

/**
 * How far every row is from its ten nearest neighbours, on average: large for faces unlike all others. Distances are taken in a
 * random projection, to a random sample of 4,000 rows where there are more.
 * @returns `[rows]`
 */
export function outlierDistances(features: FeatureMatrix): Float32Array {
  const points = project(features);
  const everything = Array.from({ length: features.rows }, (_, row) => row);
  const references = shuffled(everything, createRandom(2)).slice(0, referenceLimit);
  return Float32Array.from({ length: features.rows }, (_, row) => {
    const nearest = new Float32Array(neighbours).fill(Number.POSITIVE_INFINITY);
    for (const reference of references) {
      if (reference === row) continue;
      let squares = 0;
      for (let column = 0; column < projectedColumns; column++) {
        squares += (points[row * projectedColumns + column]! - points[reference * projectedColumns + column]!) ** 2;
      }
      insertDistance(nearest, squares);
    }
    const found = nearest.filter((distance) => distance < Number.POSITIVE_INFINITY);
    return found.reduce((sum, square) => sum + Math.sqrt(square), 0) / Math.max(1, found.length);
  });
}
