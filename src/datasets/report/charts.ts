import type { TopLevelSpec } from "vega-lite";
import { type Chart, chartColours, formatCount, formatShare } from "../../report/index.ts";

/** A bar of a chart: a class, a count, and where there are several series, whose it is. */
export interface Bar {
  readonly label: string;
  readonly count: number;
  /** `imported` or `after review`. */
  readonly series: string;
}

export interface BarChart {
  readonly title: string;
  /** What the classes are: `mood`, `age group (years)`. */
  readonly axis: string;
  /** In the order in which they are shown. */
  readonly bars: readonly Bar[];
}

const { ink, paper, accent, second } = chartColours;
/** Two charts stand side by side on a page. */
const chartWidth = 290;
/** How much longer than the longest bar the axis is: room for the number behind it. */
const headroom = 1.55;

function countAndShare(count: number, total: number): string {
  return total === 0 ? "0" : `${formatCount(count)} (${formatShare(count / total)})`;
}

/** Horizontal bars of counts, each with its number and share; several series stand side by side. */
export function barChart({ title, axis, bars }: BarChart): Chart {
  const series = [...new Set(bars.map((bar) => bar.series))];
  const totals = new Map(
    series.map((name) => [name, bars.filter((bar) => bar.series === name).reduce((sum, { count }) => sum + count, 0)]),
  );
  const values = bars.map((bar) => ({ ...bar, text: countAndShare(bar.count, totals.get(bar.series)!) }));
  const largest = Math.max(1, ...bars.map(({ count }) => count));
  // The title lies above the classes: turned, it would be taller than two bars are.
  const titled = { title: axis, titleAngle: 0, titleAlign: "right", titleX: -4, titleY: -10 } as const;
  const y = { field: "label", type: "nominal", sort: null, axis: { ...titled, domain: false, ticks: false } } as const;
  const offset = series.length > 1 ? { yOffset: { field: "series", sort: series } } : {};
  const n = series.map((name) => `n = ${formatCount(totals.get(name)!)}${series.length > 1 ? ` ${name}` : ""}`).join(", ");
  const spec: TopLevelSpec = {
    data: { values },
    width: chartWidth,
    height: { step: series.length > 1 ? 17 : 24 },
    encoding: {
      y,
      ...offset,
      x: {
        field: "count",
        type: "quantitative",
        scale: { domain: [0, largest * headroom] },
        axis: { title: "faces", tickCount: 5, tickMinStep: 1, format: ",d", grid: false },
      },
    },
    layer: [
      {
        mark: { type: "bar", cornerRadiusEnd: 2 },
        encoding: {
          color: {
            field: "series",
            type: "nominal",
            scale: { domain: series, range: [accent, second] },
            legend: series.length > 1 ? { orient: "top" } : null,
          },
        },
      },
      { mark: { type: "text", align: "left", dx: 5, fontSize: 11, color: ink }, encoding: { text: { field: "text" } } },
    ],
  };
  return { kind: "chart", title, description: n, spec };
}

export interface Histogram {
  readonly title: string;
  /** Quantity and unit: `brightness (0 to 255)`. */
  readonly axis: string;
  readonly values: readonly number[];
  /** What is left of them after review, drawn as an outline over the bars. */
  readonly after?: readonly number[] | undefined;
  /** Draws equal steps of the logarithm, for quantities that span powers of ten. @default false */
  readonly logarithmic?: boolean;
}

const binCount = 30;

interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Counts in bins of one width (of the logarithm, where asked for); the ends are the smallest and the largest value. */
export function binValues(values: readonly number[], logarithmic = false): Bin[] {
  const scale = logarithmic ? (value: number) => Math.log10(Math.max(value, 0.1)) : (value: number) => value;
  const unscale = logarithmic ? (value: number) => 10 ** value : (value: number) => value;
  const scaled = values.map(scale);
  const low = scaled.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = scaled.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const width = high > low ? (high - low) / binCount : 1;
  const counts = Array.from({ length: high > low ? binCount : 1 }, () => 0);
  for (const value of scaled) counts[Math.min(counts.length - 1, Math.floor((value - low) / width))]!++;
  return counts.map((count, index) => ({ from: unscale(low + index * width), to: unscale(low + (index + 1) * width), count }));
}

/** How many of `values` fall into each of some bins, which hold them all. */
function countInto(bins: readonly Bin[], values: readonly number[]): Bin[] {
  const counts = bins.map(() => 0);
  const sorted = values.toSorted((a, b) => a - b);
  let bin = 0;
  for (const value of sorted) {
    while (bin < bins.length - 1 && value >= bins[bin + 1]!.from) bin++;
    counts[bin]!++;
  }
  return bins.map((edges, index) => ({ ...edges, count: counts[index]! }));
}

/** The median. */
function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.floor(sorted.length / 2)]!) / 2;
}

function describeValues(values: readonly number[]): string {
  if (values.length === 0) return "n = 0";
  const median = middle(values);
  return `n = ${formatCount(values.length)}, median ${median.toFixed(Math.abs(median) < 10 ? 2 : 0)}`;
}

/** The outline over the bars: a step for every bin, ended at the last bin's far side. */
function outline(bins: readonly Bin[]): { readonly from: number; readonly count: number }[] {
  const last = bins.at(-1)!;
  return [...bins.map(({ from, count }) => ({ from, count })), { from: last.to, count: last.count }];
}

/** How a quantity is distributed; a dashed line marks the median, an outline what is left after review. */
export function histogram({ title, axis, values, after, logarithmic = false }: Histogram): Chart {
  const bins = binValues(values, logarithmic);
  const scale = logarithmic ? ({ type: "log" } as const) : ({ zero: false, nice: false } as const);
  const x = { field: "from", type: "quantitative", scale, axis: { title: axis, grid: false, tickCount: 6 } } as const;
  const y = { field: "count", type: "quantitative", axis: { title: "faces", tickCount: 4, tickMinStep: 1, format: ",d" } } as const;
  const reviewed = {
    data: { values: outline(countInto(bins, after ?? [])) },
    mark: { type: "line", interpolate: "step-after", color: second, strokeWidth: 2 },
    encoding: { x, y },
  } as const;
  const spec: TopLevelSpec = {
    width: 290,
    height: 150,
    layer: [
      {
        data: { values: bins },
        mark: { type: "bar", color: accent, binSpacing: 1 },
        // Without a foot Vega draws a bar that runs from x to x2: a dash.
        encoding: { x, x2: { field: "to" }, y, y2: { datum: 0 } },
      },
      ...(after === undefined ? [] : [reviewed]),
      // Dashes on a light ground, to be seen on the bars as well as above them.
      ...[{ color: paper, strokeWidth: 3.5 } as const, { color: ink, strokeWidth: 1.5, strokeDash: [4, 3] }].map((mark) => ({
        data: { values: [{ median: middle(values) }] },
        mark: { type: "rule", ...mark } as const,
        encoding: { x: { field: "median", type: "quantitative" } } as const,
      })),
    ],
  };
  const left = after === undefined ? "" : `; outline: ${describeValues(after)} after review`;
  return { kind: "chart", title, description: `${describeValues(values)}; dashed: the median${left}`, spec };
}
