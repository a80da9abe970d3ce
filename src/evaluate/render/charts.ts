import { nounFor } from "../../core/index.ts";
import type { TopLevelSpec } from "vega-lite";
import { type Chart, chartColours, formatCount, formatShare, textWidth } from "../../report/index.ts";
import { type Metric, metricOf } from "../metrics/registry.ts";
import type { Judged } from "./judged.ts";
import { type Slice, sliceKeys, type TaskReport } from "../report.ts";

/** The charts of a report, as Vega-Lite data. Nothing is told by colour alone: numbers or positions say the same. */

const { accent, second, soft, ink } = chartColours;

type Spec = TopLevelSpec;
/** One of the charts that are put below each other. */
type NormalizedUnits = Extract<TopLevelSpec, { vconcat: unknown }>["vconcat"][number];

/** An axis of shares, written as the tables write them. */
const percent = "format(100 * datum.value, 'd') + ' %'";
const axisFontSize = 11;
const axisTitleSize = 12;
/** By how much an axis' title may be longer than its axis: the labels of the other one are beside it. */
const axisTitleRoom = 60;
const classStep = 44;

/** Annotated against predicted classes: each cell the share of its row, and the count. */
// oxlint-disable-next-line max-params -- the task, its classes, what was counted and what of
export function confusionChart(
  task: string,
  classNames: readonly string[],
  matrix: TaskReport["confusionMatrix"],
  { many, answered }: Judged,
): Chart {
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
  // Names that do not fit beside each other are turned.
  const fits = classNames.every((name) => textWidth(name, axisFontSize) < classStep - 3);
  const turned = fits ? { labelAngle: 0 } : ({ labelAngle: -40, labelLimit: 110 } as const);
  const [width, height] = [classStep * classNames.length, 36 * classNames.length];
  // Longer than its axis it would cross the other one's; the figure's title names the task too.
  const titleFor = (word: string, room: number): string => (textWidth(`${word} ${task}`, axisTitleSize) > room ? word : `${word} ${task}`);
  const spec: Spec = {
    data: { values },
    width,
    height,
    encoding: {
      x: {
        field: "predicted",
        type: "nominal",
        sort: null,
        title: titleFor("predicted", width + axisTitleRoom),
        axis: { orient: "top", ...turned },
      },
      y: {
        field: "annotated",
        type: "nominal",
        sort: null,
        title: titleFor("annotated", height + axisTitleRoom),
        axis: { labelLimit: 110 },
      },
    },
    layer: [
      {
        mark: { type: "rect", color: accent },
        // At most half of the colour, so that the text on it can be read in light and in dark.
        encoding: { fillOpacity: { field: "share", type: "quantitative", scale: { domain: [0, 1], range: [0.03, 0.55] }, legend: null } },
      },
      { mark: { type: "text", dy: -6, fontWeight: "bold", fontSize: 11, color: ink }, encoding: { text: { field: "label" } } },
      { mark: { type: "text", dy: 8, fontSize: 10, color: ink }, encoding: { text: { field: "count" } } },
    ],
  };
  const n = matrix.flat().reduce((sum, count) => sum + count, 0);
  return {
    kind: "chart",
    title: `Confusion matrix, ${task} (n = ${formatCount(n)} ${answered})`,
    description: `Share of each row, and ${many}.`,
    spec,
  };
}

/** Confidence against accuracy, with the diagonal on which a calibrated model lies, and how many faces or pictures each bin has. */
export function reliabilityChart(task: string, { reliability, expectedCalibrationError }: TaskReport, { many, answered }: Judged): Chart {
  const values = reliability.filter(({ n }) => n > 0);
  const n = values.reduce((sum, bin) => sum + bin.n, 0);
  const confidence = { scale: { domain: [0, 1] }, axis: { labelExpr: percent, tickCount: 5 } };
  const spec: Spec = {
    data: { values },
    vconcat: [
      {
        width: 300,
        height: 230,
        layer: [
          {
            data: { values: [{ at: 0 }, { at: 1 }] },
            mark: { type: "line", strokeDash: [5, 4], color: soft },
            encoding: { x: { field: "at", type: "quantitative", ...confidence }, y: { field: "at", type: "quantitative", ...confidence } },
          },
          {
            mark: { type: "point", filled: true, color: accent, opacity: 0.9 },
            encoding: {
              x: { field: "confidence", type: "quantitative", title: "mean confidence of the bin", ...confidence },
              y: { field: "accuracy", type: "quantitative", title: "accuracy of the bin", ...confidence },
              size: { field: "n", type: "quantitative", title: many, scale: { range: [12, 320] }, legend: null },
            },
          },
        ],
      },
      {
        width: 300,
        height: 60,
        mark: { type: "bar", color: soft, stroke: chartColours.paper },
        encoding: {
          x: { field: "low", type: "quantitative", title: "confidence", bin: { binned: true, step: 1 / 15 }, ...confidence },
          x2: { field: "high" },
          y: { field: "n", type: "quantitative", title: many, axis: { tickCount: 3, tickMinStep: 1 } },
        },
      },
    ],
  };
  const error = expectedCalibrationError === undefined ? "" : `; expected calibration error ${formatShare(expectedCalibrationError)}`;
  return {
    kind: "chart",
    title: `Reliability, ${task} (n = ${formatCount(n)} ${answered}${error})`,
    description: `Larger points have more ${many}. Below the dashed line the model is surer than it is right.`,
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

/** What the chart of slices shows: accuracy, and of a number the mean absolute error. */
export function sliceMetric(report: TaskReport): Metric {
  return metricOf(report.kind === "number" ? "meanAbsoluteError" : "accuracy", report);
}

/** {@link sliceMetric} of every slice with its interval, and that of all as a line. */
export function slicesChart(task: string, report: TaskReport, { many }: Judged): Chart {
  const keys = sliceKeys.filter((by) => report.slices.some((slice) => slice.by === by));
  const metric = sliceMetric(report);
  const ends = report.slices.flatMap(({ intervals, metrics }) => [
    intervals[metric.id]?.low,
    intervals[metric.id]?.high,
    metrics[metric.id],
  ]);
  const known = [...ends, report[metric.id]].filter((value) => value !== undefined);
  const spec: Spec = {
    spacing: 14,
    // All keys share one axis, so that their lengths can be compared.
    vconcat: keys.map((by, index) =>
      sliceGroup(by, report, { metric, domain: sliceDomain(metric, known), isLast: index === keys.length - 1 }),
    ),
  };
  return {
    kind: "chart",
    title: `${metric.title[0]!.toUpperCase()}${metric.title.slice(1)} of ${task} by slice (n = ${formatCount(report.n)})`,
    description: `With 95 % intervals; the dashed line is all ${many}.`,
    spec,
  };
}

/** Shares in steps of 10 %; errors from 0 on. */
function sliceDomain({ unit }: Metric, values: readonly number[]): readonly [number, number] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return unit === "share" ? [Math.floor(10 * least) / 10, Math.ceil(10 * most) / 10] : [0, most];
}

interface SliceAxis {
  readonly metric: Metric;
  readonly domain: readonly [number, number];
  readonly isLast: boolean;
}

function sliceGroup(by: Slice["by"], report: TaskReport, { metric, domain, isLast }: SliceAxis): NormalizedUnits {
  const { id, title, unit, countedIn } = metric;
  const values = report.slices
    .filter((slice) => slice.by === by)
    .map(({ value, n, metrics, intervals }) => ({
      slice: `${value} (n = ${formatCount(n)})`,
      value: metrics[id],
      low: intervals[id]?.low,
      high: intervals[id]?.high,
    }));
  const x = {
    type: "quantitative" as const,
    scale: { domain: [...domain], zero: false },
    axis: { ...(unit === "share" ? { labelExpr: percent } : { tickCount: 5 }), labels: isLast },
    title: isLast ? [title, countedIn ?? []].flat().join(", ") : null,
  };
  const y = {
    field: "slice",
    type: "nominal" as const,
    // By name: a slice without an interval would else stand behind those that have one, whose layer is drawn first.
    sort: values.map(({ slice }) => slice),
    title: null,
    axis: { labelLimit: 165, minExtent: 165, maxExtent: 165, ticks: false },
  };
  return {
    title: { text: sliceTitle(by), anchor: "start", frame: "bounds", fontSize: 12, offset: 2 },
    data: { values },
    width: 230,
    height: { step: 17 },
    layer: [
      {
        data: { values: [{ all: report[id] }] },
        mark: { type: "rule", strokeDash: [4, 4], color: soft },
        encoding: { x: { field: "all", ...x } },
      },
      { mark: { type: "rule", color: accent, strokeWidth: 2 }, encoding: { x: { field: "low", ...x }, x2: { field: "high" }, y } },
      { mark: { type: "point", filled: true, color: accent, size: 45, opacity: 1 }, encoding: { x: { field: "value", ...x }, y } },
    ],
  };
}

/** Mean absolute and mean error by decade of the exact age. */
export function ageErrorChart(errors: NonNullable<TaskReport["errorByAge"]>): Chart {
  const values = errors.map(({ low, high, n, meanAbsoluteError, meanError, interval }) => ({
    age: `${low}–${high}|${formatCount(n)}`,
    absolute: meanAbsoluteError,
    signed: meanError,
    low: interval?.low,
    high: interval?.high,
  }));
  const x = {
    field: "age",
    type: "nominal",
    sort: null,
    title: "exact age, years, and faces",
    axis: { labelAngle: 0, labelExpr: "split(datum.value, '|')" },
  } as const;
  const spec: Spec = {
    data: { values },
    width: Math.max(classStep, ...errors.map(({ low, high }) => textWidth(`${low}–${high}`, axisFontSize) + 5)) * values.length,
    height: 220,
    encoding: { x },
    layer: [
      {
        mark: { type: "bar", color: accent, opacity: 0.3 },
        encoding: { y: { field: "absolute", type: "quantitative", title: "error, years" } },
      },
      {
        mark: { type: "rule", color: accent, strokeWidth: 2 },
        encoding: { y: { field: "low", type: "quantitative" }, y2: { field: "high" } },
      },
      {
        mark: { type: "point", shape: "diamond", filled: true, color: second, size: 80, opacity: 1 },
        encoding: { y: { field: "signed", type: "quantitative" } },
      },
    ],
  };
  const n = errors.reduce((sum, row) => sum + row.n, 0);
  return {
    kind: "chart",
    title: `Age error by age (n = ${formatCount(n)} found ${nounFor(n, "face")} with an exact age)`,
    description: "Bars are the mean absolute error, with 95 % intervals. Diamonds are the mean error: above 0, faces are called too old.",
    spec,
  };
}

/** What the cumulative score is of, for its table and its chart. */
export function cumulativeTitle({ errorByAge = [] }: TaskReport): string {
  const n = errorByAge.reduce((sum, row) => sum + row.n, 0);
  return `Cumulative score of age (n = ${formatCount(n)} found ${nounFor(n, "face")} with an exact age)`;
}

/** The share of faces whose expected age is at most so many years off. */
export function cumulativeChart(report: TaskReport): Chart {
  const spec: Spec = {
    data: { values: [...(report.cumulativeScore ?? [])] },
    width: 300,
    height: 220,
    mark: { type: "line", point: { filled: true, size: 40 }, color: accent },
    encoding: {
      x: { field: "years", type: "quantitative", title: "error at most, years", scale: { domain: [0, 15] }, axis: { tickMinStep: 1 } },
      y: { field: "share", type: "quantitative", title: "share of faces", scale: { domain: [0, 1] }, axis: { labelExpr: percent } },
    },
  };
  return { kind: "chart", title: cumulativeTitle(report), description: "Share of faces whose age is at most so many years off.", spec };
}
