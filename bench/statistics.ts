/** A row of the report: n, and the middle half of the values. */
export interface Spread {
  readonly n: number;
  readonly median: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
}

export function spread(values: readonly number[]): Spread {
  return { n: values.length, median: quantile(values, 0.5), lowerQuartile: quantile(values, 0.25), upperQuartile: quantile(values, 0.75) };
}

/** `1.5 (1.4 to 1.7)`: the median, and the middle half. */
export function spreadText({ median, lowerQuartile, upperQuartile }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${lowerQuartile.toFixed(digits)} to ${upperQuartile.toFixed(digits)})`;
}

/** Linear interpolation between order statistics (Hyndman and Fan's type 7, the default of R and NumPy). */
export function quantile(values: readonly number[], level: number): number {
  if (values.length === 0) throw new RangeError("a quantile needs at least one value");
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * level;
  const lower = sorted[Math.floor(position)]!;
  return lower + (sorted[Math.ceil(position)]! - lower) * (position - Math.floor(position));
}
