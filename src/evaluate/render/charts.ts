import type { TopLevelSpec } from "vega-lite";
import { type Slice, sliceKeys, type TaskReport } from "../report.ts";
import type { Chart } from "./blocks.ts";
import { formatCount, formatShare } from "./format.ts";

/** The charts of a report, as Vega-Lite data. Nothing is told by colour alone: numbers or positions say the same. */

const ink = "#1b3a5c";
const quiet = "#8a94a0";

type Spec = TopLevelSpec;
/** One of the charts that are put below each other. */
type NormalizedUnits = Extract<TopLevelSpec, { vconcat: unknown }>["vconcat"][number];

/** Annotated against predicted classes: each cell the share of its row, and the count. */
export function confusionChart(task: string, classNames: readonly string[], matrix: TaskReport["confusionMatrix"]): Chart {
  const values = matrix.flatMap((counts, row) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    return counts.map((count, column) => ({
      annotated: classNames[row]!,
      predicted: classNames[column]!,
      share: total === 0 ? 0 : count / total,
      label: `${total === 0 ? "–" : Math.round((100 * count) / total)} %`,
      count: formatCount(count),
    }));
  });
  const ink = { condition: { test: "datum.share > 0.5", value: "white" }, value: "#111" } as const;
  const spec: Spec = {
    data: { values },
    width: 62 * classNames.length,
    height: 46 * classNames.length,
    encoding: {
      x: { field: "predicted", type: "nominal", sort: [...classNames], title: `predicted ${task}`, axis: { orient: "top", labelAngle: 0 } },
      y: { field: "annotated", type: "nominal", sort: [...classNames], title: `annotated ${task}` },
    },
    layer: [
      {
        mark: { type: "rect", stroke: "white" },
        encoding: {
          color: {
            field: "share",
            type: "quantitative",
            scale: { domain: [0, 1], range: ["#f2f5f9", "#0b3a6f"] },
            legend: { title: "share of row", format: ".0%" },
          },
        },
      },
      { mark: { type: "text", dy: -6, fontWeight: "bold", fontSize: 12 }, encoding: { text: { field: "label" }, color: ink } },
      { mark: { type: "text", dy: 9, fontSize: 10 }, encoding: { text: { field: "count" }, color: ink } },
    ],
  };
  const n = matrix.flat().reduce((sum, count) => sum + count, 0);
  return {
    kind: "chart",
    title: `Confusion matrix, ${task} (n = ${formatCount(n)} found faces; share of each row, and faces)`,
    description: `Annotated against predicted ${task}; the same numbers stand in the table of classes.`,
    spec,
  };
}

/** Confidence against accuracy, with the diagonal on which a calibrated model lies, and how many faces each bin has. */
export function reliabilityChart(task: string, { reliability, expectedCalibrationError }: TaskReport): Chart {
  const values = reliability.filter(({ n }) => n > 0);
  const n = values.reduce((sum, bin) => sum + bin.n, 0);
  const confidence = { scale: { domain: [0, 1] }, axis: { format: ".0%", tickCount: 6 } };
  const spec: Spec = {
    data: { values },
    vconcat: [
      {
        width: 340,
        height: 260,
        layer: [
          {
            data: { values: [{ at: 0 }, { at: 1 }] },
            mark: { type: "line", strokeDash: [5, 4], color: quiet },
            encoding: { x: { field: "at", type: "quantitative", ...confidence }, y: { field: "at", type: "quantitative", ...confidence } },
          },
          {
            mark: { type: "point", filled: true, color: ink, opacity: 0.9 },
            encoding: {
              x: { field: "confidence", type: "quantitative", title: "mean confidence of the bin", ...confidence },
              y: { field: "accuracy", type: "quantitative", title: "accuracy of the bin", ...confidence },
              size: { field: "n", type: "quantitative", title: "faces", scale: { range: [12, 320] }, legend: null },
            },
          },
        ],
      },
      {
        width: 340,
        height: 70,
        mark: { type: "bar", color: quiet, stroke: "white" },
        encoding: {
          x: { field: "low", type: "quantitative", title: "confidence", bin: { binned: true, step: 1 / 15 }, ...confidence },
          x2: { field: "high" },
          y: { field: "n", type: "quantitative", title: "faces", axis: { tickCount: 3 } },
        },
      },
    ],
  };
  const error = expectedCalibrationError === undefined ? "" : `; expected calibration error ${formatShare(expectedCalibrationError)}`;
  return {
    kind: "chart",
    title: `Reliability, ${task} (n = ${formatCount(n)} found faces${error})`,
    description: "Larger points have more faces. Points below the dashed line: the model is more confident than it is right.",
    spec,
  };
}

const sliceTitles: Readonly<Record<Slice["by"], string>> = {
  ageGroup: "age group",
  gender: "gender",
  race: "race label",
  faceSize: "face size, px",
  sharpness: "sharpness",
  brightness: "brightness",
};

/** What a slice key is called in tables and charts. */
export function sliceTitle(by: Slice["by"]): string {
  return sliceTitles[by];
}

/** Accuracy of every slice with its interval, and the accuracy of all as a line. */
export function slicesChart(task: string, report: TaskReport): Chart {
  const keys = sliceKeys.filter((by) => report.slices.some((slice) => slice.by === by));
  const ends = report.slices.flatMap(({ intervals, metrics }) => [intervals.accuracy?.low, intervals.accuracy?.high, metrics.accuracy]);
  const known = ends.filter((value) => value !== undefined);
  // All keys share one axis, in steps of 10 %, so that their lengths can be compared.
  const domain = [Math.floor(10 * Math.min(...known)) / 10, Math.ceil(10 * Math.max(...known)) / 10];
  const spec: Spec = {
    spacing: 14,
    vconcat: keys.map((by, index) => sliceGroup(by, report, { domain, isLast: index === keys.length - 1 })),
  };
  return {
    kind: "chart",
    title: `Accuracy of ${task} by slice, with 95 % intervals (n = ${formatCount(report.n)}; dashed: all faces)`,
    description: "The same numbers stand in the table of slices.",
    spec,
  };
}

function sliceGroup(by: Slice["by"], report: TaskReport, axis: { readonly domain: number[]; readonly isLast: boolean }): NormalizedUnits {
  const values = report.slices
    .filter((slice) => slice.by === by)
    .map(({ value, n, metrics, intervals }) => ({
      slice: `${value}  (n = ${formatCount(n)})`,
      accuracy: metrics.accuracy,
      low: intervals.accuracy?.low,
      high: intervals.accuracy?.high,
    }));
  const title = axis.isLast ? "accuracy" : null;
  const x = {
    type: "quantitative" as const,
    scale: { domain: axis.domain, zero: false },
    axis: { format: ".0%", labels: axis.isLast },
    title,
  };
  const y = { field: "slice", type: "nominal" as const, sort: null, title: null, axis: { labelLimit: 260, minExtent: 200, ticks: false } };
  return {
    title: { text: sliceTitle(by), anchor: "start", fontSize: 12 },
    data: { values },
    width: 440,
    height: { step: 18 },
    layer: [
      {
        data: { values: [{ all: report.accuracy ?? 0 }] },
        mark: { type: "rule", strokeDash: [4, 4], color: quiet },
        encoding: { x: { field: "all", ...x } },
      },
      { mark: { type: "rule", color: ink, strokeWidth: 2 }, encoding: { x: { field: "low", ...x }, x2: { field: "high" }, y } },
      { mark: { type: "point", filled: true, color: ink, size: 45, opacity: 1 }, encoding: { x: { field: "accuracy", ...x }, y } },
    ],
  };
}

/** Mean absolute and mean error by decade of the exact age. */
export function ageErrorChart(errors: NonNullable<TaskReport["errorByAge"]>): Chart {
  const values = errors.map(({ low, high, n, meanAbsoluteError, meanError, interval }) => ({
    age: `${low}–${high}|n = ${formatCount(n)}`,
    absolute: meanAbsoluteError,
    signed: meanError,
    low: interval?.low,
    high: interval?.high,
  }));
  const x = {
    field: "age",
    type: "nominal",
    sort: null,
    title: "exact age, years",
    axis: { labelAngle: 0, labelExpr: "split(datum.value, '|')" },
  } as const;
  const spec: Spec = {
    data: { values },
    width: 62 * values.length,
    height: 260,
    encoding: { x },
    layer: [
      {
        mark: { type: "bar", color: "#c9d6e5", stroke: ink },
        encoding: { y: { field: "absolute", type: "quantitative", title: "error, years" } },
      },
      {
        mark: { type: "rule", color: ink, strokeWidth: 2 },
        encoding: { y: { field: "low", type: "quantitative" }, y2: { field: "high" } },
      },
      {
        mark: { type: "point", shape: "diamond", filled: true, color: "#b3261e", size: 80, opacity: 1 },
        encoding: { y: { field: "signed", type: "quantitative" } },
      },
    ],
  };
  const n = errors.reduce((sum, row) => sum + row.n, 0);
  return {
    kind: "chart",
    title: `Age error by age (n = ${formatCount(n)} found faces with an exact age; bars: mean absolute error with 95 % interval; diamonds: mean error, above 0 is called too old)`,
    description: "The same numbers stand in the table of errors by age.",
    spec,
  };
}

/** What the cumulative score is of, for its table and its chart. */
export function cumulativeTitle({ errorByAge = [] }: TaskReport): string {
  const n = errorByAge.reduce((sum, row) => sum + row.n, 0);
  return `Cumulative score of age (n = ${formatCount(n)} found faces with an exact age)`;
}

/** The share of faces whose expected age is at most so many years off. */
export function cumulativeChart(report: TaskReport): Chart {
  const spec: Spec = {
    data: { values: [...(report.cumulativeScore ?? [])] },
    width: 340,
    height: 220,
    mark: { type: "line", point: { filled: true, size: 40 }, color: ink },
    encoding: {
      x: { field: "years", type: "quantitative", title: "error at most, years", scale: { domain: [0, 15] }, axis: { tickMinStep: 1 } },
      y: { field: "share", type: "quantitative", title: "share of faces", scale: { domain: [0, 1] }, axis: { format: ".0%" } },
    },
  };
  return { kind: "chart", title: cumulativeTitle(report), description: "Share of faces whose age is at most so many years off.", spec };
}
