import { createRandom, shuffled } from "../core/index.ts";
import type { FeatureMatrix } from "./feature-matrix.ts";

/** Dimensions after the projection; distances keep within about a tenth (Johnson and Lindenstrauss, 1984). */
const projectedColumns = 32;
/** Rows that neighbours are looked for in: enough to know what is usual, and time stays linear in the rows. */
const referenceLimit = 4000;
const neighbours = 10;

/** A random projection with a fixed seed, to which columns are added as they are read; they are brought to the same spread first. */
interface ProjectedRows {
  /** `[rows, 32]`. */
  readonly points: Float32Array;
  readonly rows: number;
  add(features: FeatureMatrix): void;
}

/** Rows that lie at 0 until columns are added. */
export function projectRows(rows: number): ProjectedRows {
  const random = createRandom(1);
  const points = new Float32Array(rows * projectedColumns);
  return {
    points,
    rows,
    add(features) {
      const { columns, data } = features;
      const directions = Float32Array.from({ length: columns * projectedColumns }, () => random.normal());
      const spread = columnSpread(features);
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const value = data[row * columns + column]! * spread[column]!;
          if (value === 0) continue;
          for (let to = 0; to < projectedColumns; to++) {
            points[row * projectedColumns + to]! += value * directions[column * projectedColumns + to]!;
          }
        }
      }
    },
  };
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
export function outlierDistances({ points, rows }: ProjectedRows): Float32Array {
  const everything = Array.from({ length: rows }, (_, row) => row);
  const references = shuffled(everything, createRandom(2)).slice(0, referenceLimit);
  return Float32Array.from({ length: rows }, (_, row) => {
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
