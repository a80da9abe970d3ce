import type { EvaluationReport } from "../../src/evaluate/index.ts";
import type { AblationRow } from "./rows.ts";

export interface MeasuredAblation {
  readonly row: AblationRow;
  /** The row first, the one that it differs from second, where there is one. */
  readonly report: EvaluationReport;
}

/** The table of `docs/models/experiments.md`; `planned` is the number of rows in all. */
export function renderAblations(measured: readonly MeasuredAblation[], planned: number): string {
  const n = measured[0]!.report.data.n.toLocaleString("en");
  const missing = planned - measured.length;
  return [
    `n = ${n} faces of PublicTest, which choose nothing here; one training a row; differences are paired, with 95 % bootstrap intervals over the faces, in points.`,
    `${missing === 0 ? "" : `${missing} of ${planned} rows are not measured yet. `}"With less without" is the worth of the ingredient, whichever of the two rows has it.`,
    "",
    "| row | accuracy | macro recall | with less without: accuracy | macro recall | reading |",
    "| --- | ---: | ---: | ---: | ---: | --- |",
    ...measured.map((each) => `| ${cells(each).join(" | ")} |`),
  ].join("\n");
}

function cells({ row, report }: MeasuredAblation): string[] {
  const { accuracy, balancedAccuracy } = report.tasks.mood!;
  const title = row.ingredient === "there" ? `without ${row.title}` : row.title;
  const own = [title, `${percent(accuracy!)} %`, `${percent(balancedAccuracy!)} %`];
  const sign = row.ingredient === "there" ? -1 : 1;
  const [byFaces, byClasses] = (["accuracy", "balancedAccuracy"] as const).map((metric) => gain(report, metric, sign));
  if (byFaces === undefined || byClasses === undefined) return [...own, "", "", ""];
  return [...own, describe(byFaces), describe(byClasses), reading(row, byFaces)];
}

interface Gain {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/** This row less the other, or the other less this one for `sign` -1. */
function gain({ comparisons }: EvaluationReport, metric: "accuracy" | "balancedAccuracy", sign: 1 | -1): Gain | undefined {
  const found = comparisons.find((comparison) => comparison.metric === metric);
  if (found?.interval === undefined) return undefined;
  const ends = [sign * found.interval.low, sign * found.interval.high];
  return { difference: sign * found.difference, low: Math.min(...ends), high: Math.max(...ends) };
}

function describe({ difference, low, high }: Gain): string {
  return `${points(difference)} (${points(low)} to ${points(high)})`;
}

function reading({ ingredient }: AblationRow, { low, high }: Gain): string {
  if (low <= 0 && high >= 0) return "the interval contains zero";
  if (ingredient === "neither") return "so much chance does";
  return low > 0 ? "helps" : "harms";
}

function points(share: number): string {
  return `${share > 0 ? "+" : ""}${percent(share)}`;
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}
