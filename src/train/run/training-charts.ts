import type { TopLevelSpec } from "vega-lite";
import { type Chart, chartColours } from "../../report/index.ts";
import type { TrainingConfig } from "../config.ts";
import type { EpochLine, MetricsLine, StepLine } from "./run-log.node.ts";

const size = { width: 330, height: 200 } as const;
const mark = { type: "line", point: { size: 40 }, strokeWidth: 1.8 } as const;

/** Loss, accuracies, age errors, learning rate, gradient norm and pace; a chart without data is left out. */
export function trainingCharts(config: TrainingConfig, lines: readonly MetricsLine[]): Chart[] {
  const epochs = lines.filter((line): line is EpochLine => line.kind === "epoch");
  const steps = lines.filter((line): line is StepLine => line.kind === "step");
  const counts = describeCounts(epochs);
  const accuracies = metricPoints(epochs, (name) => !name.endsWith("Error"), 100);
  const errors = metricPoints(epochs, (name) => name.endsWith("Error") && isInYears(name), 1);
  const others = metricPoints(epochs, (name) => name.endsWith("Error") && !isInYears(name), 1);
  const charts: (Pick<Chart, "title" | "spec"> & { readonly points: number })[] = [
    { title: "Training loss: logged batches, and the mean of each epoch", spec: lossChart(steps, epochs), points: steps.length },
    {
      title: `Validation (${counts})`,
      spec: epochChart(accuracies, "share of faces, %", { zero: false }),
      points: accuracies.length,
    },
    {
      title: `Age error in validation (${counts})`,
      spec: epochChart(errors, "mean absolute error, years", { zero: false }),
      points: errors.length,
    },
    {
      title: `Error of numbers in validation (${counts})`,
      spec: epochChart(others, "mean absolute error", { zero: false }),
      points: others.length,
    },
    {
      title: "Loss terms, mean of each epoch",
      spec: epochChart(termPoints(epochs), "loss, nats (years for ageYears)", { zero: true }),
      points: config.losses.length > 1 ? epochs.length : 0,
    },
    { title: "Learning rate", spec: stepChart(steps, "learningRate", "learning rate"), points: steps.length },
    {
      title: "Global norm of the gradient, before clipping",
      spec: stepChart(steps, "gradientNorm", "gradient norm"),
      points: steps.length,
    },
    {
      title: "Pace of training",
      spec: epochChart(
        epochs.map(({ epoch, timing }) => ({ epoch, name: "training", value: timing.picturesPerSecond })),
        "pictures a second",
        { zero: true },
      ),
      points: epochs.length,
    },
  ];
  return charts.flatMap(({ title, spec, points }) => (points > 0 ? [{ kind: "chart", title, description: "", spec } as const] : []));
}

interface EpochPoint {
  readonly epoch: number;
  readonly name: string;
  readonly value: number;
}

function metricPoints(epochs: readonly EpochLine[], wanted: (name: string) => boolean, factor: number): EpochPoint[] {
  return epochs.flatMap(({ epoch, validation }) =>
    Object.entries(validation?.metrics ?? {}).flatMap(([name, value]) =>
      value === null || name.endsWith(".count") || !wanted(name) ? [] : [{ epoch, name: spell(name), value: factor * value }],
    ),
  );
}

function termPoints(epochs: readonly EpochLine[]): EpochPoint[] {
  return epochs.flatMap(({ epoch, losses }) =>
    Object.entries(losses).flatMap(([name, value]) => (value === null ? [] : [{ epoch, name, value }])),
  );
}

/** `mood.balancedAccuracy` as `mood, balanced accuracy`. */
export function spell(name: string): string {
  return name.replace(".", ", ").replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Ages alone: other numbers are in a unit of their own. */
function isInYears(name: string): boolean {
  return name.startsWith("age.");
}

/** `mood.accuracy` as `61.20 %`, `age.meanAbsoluteError` as `4.31 years`, that of another number as `0.523`. */
export function formatMetric(name: string, value: number): string {
  if (!name.endsWith("Error")) return `${(100 * value).toFixed(2)} %`;
  return isInYears(name) ? `${value.toFixed(2)} years` : value.toPrecision(3);
}

/** On how many faces the last epoch that was validated was; nothing where none was. */
export function describeCounts(epochs: readonly EpochLine[]): string {
  const metrics = epochs.findLast(({ validation }) => validation !== undefined)?.validation?.metrics ?? {};
  const counts = Object.entries(metrics).filter(([name]) => name.endsWith(".count"));
  return counts.map(([name, count]) => `${name.replace(".count", "")} n = ${count}`).join(", ");
}

function epochChart(values: readonly EpochPoint[], title: string, { zero }: { readonly zero: boolean }): TopLevelSpec {
  const legend = new Set(values.map(({ name }) => name)).size > 1 ? {} : null;
  return {
    ...size,
    data: { values: [...values] },
    mark,
    encoding: {
      x: { field: "epoch", type: "quantitative", title: "epoch", axis: { tickMinStep: 1, format: "d" }, scale: { nice: false } },
      y: { field: "value", type: "quantitative", title, scale: { zero } },
      color: { field: "name", type: "nominal", legend },
      shape: { field: "name", type: "nominal", legend },
    },
  };
}

function stepChart(steps: readonly StepLine[], field: "learningRate" | "gradientNorm", title: string): TopLevelSpec {
  return {
    ...size,
    data: { values: steps.map((line) => ({ step: line.step, value: line[field] })) },
    mark: { type: "line", strokeWidth: 1.2, color: chartColours.accent },
    encoding: {
      x: { field: "step", type: "quantitative", title: "step", scale: { nice: false } },
      y: { field: "value", type: "quantitative", title },
    },
  };
}

function lossChart(steps: readonly StepLine[], epochs: readonly EpochLine[]): TopLevelSpec {
  const x = { field: "step", type: "quantitative", title: "step", scale: { nice: false } } as const;
  const y = { field: "loss", type: "quantitative", title: "training loss, nats", scale: { zero: false } } as const;
  return {
    ...size,
    layer: [
      {
        data: { values: steps.map(({ step, loss }) => ({ step, loss })) },
        mark: { type: "point", filled: true, size: 14, opacity: 0.5, color: chartColours.soft },
        encoding: { x, y },
      },
      {
        data: { values: epochs.map(({ step, loss }) => ({ step, loss })) },
        mark: { type: "line", point: { size: 26 }, color: chartColours.accent },
        encoding: { x, y },
      },
    ],
  };
}
