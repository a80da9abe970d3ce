import { join } from "node:path";
import { readTextFile, writeFileAtomically } from "../../files/files.node.ts";
import { escapeHtml, factsTable, heading, numberTable, paragraph, renderBlocks, renderPage, type Table } from "../../report/index.ts";
import { type TrainingConfig, trainingConfigSchema } from "../config.ts";
import { type EpochLine, type MetricsLine, readMetrics } from "./run-log.node.ts";
import { describeCounts, formatMetric, spell, trainingCharts } from "./training-charts.ts";
import { trainingFiles } from "./training-folder.node.ts";

/**
 * Writes `report.html` into a training's folder: what was trained, its curves and its epochs, read off `config.json` and
 * `metrics.jsonl`. One file that needs nothing else. Works on a training that is still running.
 */
export async function writeTrainingReport(folder: string): Promise<void> {
  const config = trainingConfigSchema.parse(JSON.parse(await readTextFile(join(folder, trainingFiles.config))));
  const html = await renderTrainingReport(config, await readMetrics(folder));
  await writeFileAtomically(join(folder, trainingFiles.report), html);
}

/** The report as HTML; charts are inline SVG, there is no script. */
export async function renderTrainingReport(config: TrainingConfig, lines: readonly MetricsLine[]): Promise<string> {
  const epochs = lines.filter((line) => line.kind === "epoch");
  const title = `Training ${config.name}`;
  const body = await renderBlocks([
    heading(1, title),
    paragraph(config.description),
    trainingFacts(config, epochs),
    heading(2, "Curves"),
    ...trainingCharts(config, lines),
    heading(2, "Epochs"),
    epochTable(epochs),
    heading(2, "Configuration"),
  ]);
  const details = `<details><summary>as it was used, defaults filled in</summary><pre>${escapeHtml(JSON.stringify(config, undefined, 2))}</pre></details>`;
  return renderPage(title, `${body}\n${details}`);
}

function trainingFacts(config: TrainingConfig, epochs: readonly EpochLine[]): Table {
  const best = bestEpoch(epochs);
  const seconds = epochs.reduce((sum, { timing }) => sum + timing.trainSeconds + timing.validationSeconds, 0);
  const cpuSeconds = epochs.reduce((sum, { timing }) => sum + timing.trainCpuSeconds, 0);
  const features: [string, string][] = config.features === undefined ? [] : [["Features of", config.features.model]];
  const rows: [string, string][] = [
    ["Data", config.data.map(({ path }) => path).join(", ")],
    ...features,
    ["Validated on", describeCounts(epochs) || "nothing yet"],
    ["Selected by", config.validation.select.join(", ")],
    ["Best epoch", best === undefined ? "none yet" : `${best.epoch}: ${describeMetrics(best)}`],
    ["Epochs, steps", `${epochs.length} of ${config.epochs}, ${epochs.at(-1)?.step ?? 0} steps of ${config.batchSize} pictures`],
    ["Time", `${(seconds / 60).toFixed(1)} minutes; training took ${(cpuSeconds / 60).toFixed(1)} minutes of one CPU core`],
    ["Seed", String(config.seed)],
  ];
  return factsTable("", rows);
}

function bestEpoch(epochs: readonly EpochLine[]): EpochLine | undefined {
  return epochs.findLast(({ validation }) => validation?.isBest === true);
}

function describeMetrics({ validation }: EpochLine): string {
  const metrics = Object.entries(validation?.metrics ?? {}).filter(([name]) => !name.endsWith(".count"));
  return metrics.map(([name, value]) => `${spell(name)} ${metricCell(name, value)}`).join("; ");
}

/** Nothing where an epoch did not give it. */
function metricCell(name: string, value: number | null | undefined): string {
  return value === null || value === undefined ? "" : formatMetric(name, value);
}

function epochTable(epochs: readonly EpochLine[]): Table {
  const names = [...new Set(epochs.flatMap(({ validation }) => Object.keys(validation?.metrics ?? {})))].filter(
    (name) => !name.endsWith(".count"),
  );
  const best = bestEpoch(epochs);
  const header = [
    "epoch",
    "training loss",
    "learning rate",
    ...names.map((name) => spell(name)),
    "pictures/s",
    "waited",
    "minutes",
    "CPU minutes",
  ];
  const rows = epochs.map((epoch) => {
    const { timing, validation } = epoch;
    const metrics = names.map((name) => metricCell(name, validation?.metrics[name]));
    const minutes = (timing.trainSeconds + timing.validationSeconds) / 60;
    const speed = [
      timing.picturesPerSecond.toFixed(0),
      `${(100 * timing.waitingShare).toFixed(1)} %`,
      minutesText(minutes),
      minutesText(timing.trainCpuSeconds / 60),
    ];
    return [String(epoch.epoch), epoch.loss.toFixed(4), epoch.learningRate.toExponential(2), ...metrics, ...speed];
  });
  return numberTable("", header, rows, { marked: best === undefined ? undefined : epochs.indexOf(best) });
}

/** One digit after the point, or two where that would be none. */
function minutesText(minutes: number): string {
  return minutes.toFixed(minutes < 1 ? 2 : 1);
}
