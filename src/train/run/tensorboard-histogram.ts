/** How numbers are distributed, as TensorBoard draws it. */
export interface Histogram {
  readonly minimum: number;
  readonly maximum: number;
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  /** Upper end of each bucket, rising. */
  readonly limits: readonly number[];
  /** Numbers in each bucket. */
  readonly counts: readonly number[];
}

/** TensorFlow's own borders: from 1e-12 each a tenth above the one before, up to 1e20, the same below zero, and zero itself. */
const borders = ((): Float64Array => {
  const positive: number[] = [];
  for (let value = 1e-12; value < 1e20; value *= 1.1) positive.push(value);
  positive.push(Number.MAX_VALUE);
  return Float64Array.from([...positive.map((value) => -value).toReversed(), 0, ...positive]);
})();

/** The first border above a value. */
function bucketOf(value: number): number {
  let [low, high] = [0, borders.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (borders[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Counts numbers into TensorFlow's buckets; empty ones that stand side by side are written as one. */
export function histogramOf(values: ArrayLike<number>): Histogram {
  const full = new Uint32Array(borders.length);
  let [minimum, maximum, sum, sumOfSquares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    full[bucketOf(value)]! += 1;
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
    sum += value;
    sumOfSquares += value * value;
  }
  const [limits, counts]: [number[], number[]] = [[], []];
  for (const [index, count] of full.entries()) {
    const isFollowingEmpty = count === 0 && counts.at(-1) === 0;
    if (isFollowingEmpty) limits[limits.length - 1] = borders[index]!;
    else {
      limits.push(borders[index]!);
      counts.push(count);
    }
  }
  return { minimum, maximum, count: values.length, sum, sumOfSquares, limits, counts };
}
