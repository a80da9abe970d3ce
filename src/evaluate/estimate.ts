import { type BootstrapOptions, bootstrapParts, metricInterval, type Replicates, type SamplePart, subjectIndices } from "./bootstrap.ts";
import type { Interval } from "./binomial.ts";
import type { Metric, MetricId } from "./metrics/registry.ts";
import { unitWeights } from "./metrics/weights.ts";
import type { TaskSample } from "./sample.ts";

/** Values and intervals of metrics, by id. */
export interface Estimates {
  readonly metrics: Partial<Record<MetricId, number>>;
  readonly intervals: Partial<Record<MetricId, Interval>>;
}

/** The metrics that a sample can give, each with its interval. */
export function estimate(sample: TaskSample, metrics: readonly Metric[], options: BootstrapOptions): Estimates {
  return estimateParts(sample, [{ sample, rows: sample.truth.map((_, row) => row), metrics }], options)[0]!;
}

/** The same for parts of a sample, such as slices. */
export function estimateParts(whole: TaskSample, parts: readonly SamplePart[], options: BootstrapOptions): Estimates[] {
  const measured = parts.map(({ sample, metrics }) => measure(sample, metrics));
  const drawn = bootstrapParts(
    whole,
    parts.map(({ sample, rows }, index) => ({
      sample,
      rows,
      metrics: measured[index]!.flatMap(({ metric }) => (metric.bootstrap ? [metric] : [])),
    })),
    options,
  );
  return parts.map(({ sample }, index) => describe(sample, measured[index]!, drawn[index]!));
}

interface Measured {
  readonly metric: Metric;
  readonly value: number;
}

function measure(sample: TaskSample, metrics: readonly Metric[]): Measured[] {
  const weights = unitWeights(sample.count);
  return metrics.flatMap((metric) => {
    const value = metric.compute(sample, weights);
    return value === undefined ? [] : [{ metric, value }];
  });
}

function describe(sample: TaskSample, measured: readonly Measured[], replicates: Replicates): Estimates {
  const { subjects } = subjectIndices(sample);
  const measuredRows = ({ isMeasured = () => true }: Metric): number[] => [...sample.truth.keys()].filter((row) => isMeasured(sample, row));
  const intervalOf = (metric: Metric): Interval | undefined => {
    const drawn = replicates.get(metric.id);
    if (drawn === undefined) return metric.interval?.({ sample, rows: measuredRows(metric), subjects });
    return metricInterval(drawn, new Set(measuredRows(metric).map((row) => subjects[row]!)).size);
  };
  const intervals = measured.flatMap(({ metric }) => {
    const interval = intervalOf(metric);
    return interval === undefined ? [] : [[metric.id, interval] as const];
  });
  return { metrics: Object.fromEntries(measured.map(({ metric, value }) => [metric.id, value])), intervals: Object.fromEntries(intervals) };
}
