import type { Interval } from "../binomial.ts";
import type { Metric, MetricUnit } from "../metrics/registry.ts";

/** Numbers as people read them. The report keeps them unrounded. */

const suffixes: Readonly<Record<MetricUnit, string>> = { share: " %", years: " years", nats: " nats", score: "" };

function bare(unit: MetricUnit, value: number): string {
  if (unit === "share") return (100 * value).toFixed(1);
  // "-0.00" is a rounding artefact that reads like a finding.
  return value.toFixed(unit === "years" ? 2 : 3).replace(/^-(0\.0+)$/, "$1");
}

/** A metric's value with its unit: `71.2 %`, `4.61 years`, `3.110 cm`. */
export function formatValue({ unit, countedIn }: Pick<Metric, "unit" | "countedIn">, value: number): string {
  return bare(unit, value) + (countedIn === undefined ? suffixes[unit] : ` ${countedIn}`);
}

/** An interval in the metric's unit: `70.1 to 72.3`. */
export function formatInterval({ unit }: Pick<Metric, "unit">, { low, high }: Interval): string {
  return `${bare(unit, low)} to ${bare(unit, high)}`;
}

/** Value and interval in one cell: `71.2 % (70.1 to 72.3)`; a dash where there is none. */
export function formatEstimate(metric: Metric, value: number | undefined, interval: Interval | undefined): string {
  if (value === undefined) return "–";
  return formatValue(metric, value) + (interval === undefined ? "" : ` (${formatInterval(metric, interval)})`);
}
