import type { EvaluationReport } from "../../src/evaluate/index.ts";
import type { AblationMetric, AblationRow, AblationStudy } from "./study.ts";

export interface MeasuredAblation {
  readonly row: AblationRow;
  /** The row first, the one that it differs from second, where there is one. */
  readonly report: EvaluationReport;
}

/** The table of `docs/lab/experiments.md`; `planned` is the number of rows in all. */
export function renderAblations({ data, metrics }: AblationStudy, measured: readonly MeasuredAblation[], planned: number): string {
  const n = measured[0]!.report.data.n.toLocaleString("en");
  const missing = planned - measured.length;
  const faces = data.map(({ title, split }) => `${title}'s ${split}`).join(" and ");
  const titles = metrics.map(({ title }) => title);
  const gains = titles.map((title, index) => (index === 0 ? `with less without: ${title}` : title));
  return [
    `n = ${n} faces of ${faces}, which choose nothing here; one training a row; differences are paired, with 95 % bootstrap intervals over the faces, in points${metrics.some(isError) ? " or years, and positive where the ingredient makes it better" : ""}.`,
    `${missing === 0 ? "" : `${missing} of ${planned} rows are not measured yet. `}"With less without" is the worth of the ingredient, whichever of the two rows has it.`,
    "",
    `| ${["row", ...titles, ...gains, "reading"].join(" | ")} |`,
    `| --- |${" ---: |".repeat(2 * metrics.length)} --- |`,
    ...measured.map((each) => `| ${cells(each, metrics).join(" | ")} |`),
  ].join("\n");
}

function cells({ row, report }: MeasuredAblation, metrics: readonly AblationMetric[]): string[] {
  const title = row.ingredient === "there" ? `without ${row.title}` : row.title;
  const own = metrics.map((metric) => value(report, metric));
  const sign = row.ingredient === "there" ? -1 : 1;
  const gains = metrics.map((metric) => ({ metric, gain: gainOf(report, metric, sign) }));
  return [
    title,
    ...own,
    ...gains.map(({ metric, gain }) => (gain === undefined ? "" : describe(gain, metric))),
    gains.every(({ gain }) => gain === undefined) ? "" : reading(row, gains),
  ];
}

function value(report: EvaluationReport, metric: AblationMetric): string {
  const found = report.tasks[metric.task]?.[metric.metric];
  if (found === undefined) return "";
  return isError(metric) ? found.toFixed(2) : `${percent(found)} %`;
}

interface Gain {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/** By how much this row is better than the other, or the other than this one for `sign` -1. */
function gainOf({ comparisons }: EvaluationReport, metric: AblationMetric, sign: 1 | -1): Gain | undefined {
  const isIt = (comparison: EvaluationReport["comparisons"][number]) =>
    comparison.task === metric.task && comparison.metric === metric.metric;
  const found = comparisons.find((comparison) => isIt(comparison));
  if (found?.interval === undefined) return undefined;
  const better = isError(metric) ? -sign : sign;
  const ends = [better * found.interval.low, better * found.interval.high];
  return { difference: better * found.difference, low: Math.min(...ends), high: Math.max(...ends) };
}

function describe({ difference, low, high }: Gain, metric: AblationMetric): string {
  const write = isError(metric) ? years : points;
  return `${write(difference)} (${write(low)} to ${write(high)})`;
}

/** Which of the judged metrics an ingredient changes for certain; a study with one of them does not name it. */
function reading({ ingredient }: AblationRow, gains: readonly { metric: AblationMetric; gain: Gain | undefined }[]): string {
  const judged = gains.filter(({ metric, gain }) => metric.isJudged && gain !== undefined);
  const sure = judged.filter(({ gain }) => gain!.low > 0 || gain!.high < 0);
  if (sure.length === 0) return judged.length === 1 ? "the interval contains zero" : "the intervals contain zero";
  if (ingredient === "neither") return "so much chance does";
  return (["helps", "harms"] as const)
    .flatMap((verb) => {
      const those = sure.filter(({ gain }) => (verb === "helps" ? gain!.low > 0 : gain!.high < 0));
      if (those.length === 0) return [];
      return judged.length === 1
        ? [verb]
        : [`${verb} ${those.map(({ metric }) => (isError(metric) ? "the years" : metric.title)).join(", ")}`];
    })
    .join("; ");
}

function isError({ metric }: AblationMetric): boolean {
  return metric === "meanAbsoluteError";
}

function points(share: number): string {
  return `${share > 0 ? "+" : ""}${percent(share)}`;
}

function years(difference: number): string {
  return `${difference > 0 ? "+" : ""}${difference.toFixed(2)}`;
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}
