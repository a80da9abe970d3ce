import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "./checkpoint.node.ts";
import { type TrainingConfig, trainingConfigSchema } from "../config.ts";
import { type EpochLine, type MetricsLine, readMetrics } from "./run-log.node.ts";
import { trainingCharts } from "./training-charts.ts";
import { type Config, compile, type TopLevelSpec } from "vega-lite";
import { parse, View } from "vega";

/**
 * Writes `report.html` into a training's folder: what was trained, its curves and its epochs, read off `config.json` and
 * `metrics.jsonl`. One file that needs nothing else. Works on a training that is still running.
 */
export async function writeTrainingReport(folder: string): Promise<void> {
  const config = trainingConfigSchema.parse(JSON.parse(await readFile(join(folder, "config.json"), "utf8")));
  const html = await renderTrainingReport(config, await readMetrics(folder));
  await writeFileAtomically(join(folder, "report.html"), new TextEncoder().encode(html));
}

/** The report as HTML; charts are inline SVG, there is no script. */
export async function renderTrainingReport(config: TrainingConfig, lines: readonly MetricsLine[]): Promise<string> {
  const epochs = lines.filter((line) => line.kind === "epoch");
  const charts = await Promise.all(trainingCharts(config, lines).map(async (chart) => figure(chart.title, await renderChart(chart.spec))));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Training ${escapeHtml(config.name)}</title>
<style>${style}</style>
<main>
<h1>Training ${escapeHtml(config.name)}</h1>
<p>${escapeHtml(config.description)}</p>
${factsTable(config, epochs)}
<h2>Curves</h2>
<div class="charts">
${charts.join("\n")}
</div>
<h2>Epochs</h2>
${epochTable(epochs)}
<h2>Configuration</h2>
<details><summary>as it was used, defaults filled in</summary><pre>${escapeHtml(JSON.stringify(config, undefined, 2))}</pre></details>
</main>
</html>
`;
}

const style = `
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: #16202b; background: #fff; }
main { max-width: 66rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.6rem; } h2 { margin-top: 2.5rem; border-bottom: 2px solid #1b3a5c; }
.charts { display: flex; flex-wrap: wrap; gap: 1rem 2rem; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem 1rem .25rem 0; text-align: left; border-bottom: 1px solid #dde3ea; white-space: nowrap; }
.facts td { white-space: normal; }
td.number, th.number { text-align: right; } tr.best td { font-weight: 700; }
figure { margin: 1rem 0; } figcaption { font-weight: 600; padding-bottom: .4rem; } svg { max-width: 100%; height: auto; }
pre { font-size: 12px; overflow-x: auto; }
`;

const chartConfig: Config = {
  background: "white",
  font: "system-ui, sans-serif",
  axis: { labelFontSize: 12, titleFontSize: 12, titlePadding: 8, gridColor: "#e6ebf0" },
  legend: { labelFontSize: 12, title: null, orient: "bottom", labelLimit: 400 },
};

async function renderChart(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile({ ...spec, config: chartConfig }).spec), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

function figure(title: string, svg: string): string {
  const labelled = svg.replace("<svg ", `<svg role="img" aria-label="${escapeHtml(title)}" `);
  return `<figure><figcaption>${escapeHtml(title)}</figcaption>${labelled}</figure>`;
}

function factsTable(config: TrainingConfig, epochs: readonly EpochLine[]): string {
  const best = bestEpoch(epochs);
  const seconds = epochs.reduce((sum, { timing }) => sum + timing.trainSeconds + timing.validationSeconds, 0);
  const cpuSeconds = epochs.reduce((sum, { timing }) => sum + timing.trainCpuSeconds, 0);
  const features: [string, string][] = config.features === undefined ? [] : [["Features of", config.features.model]];
  const rows: [string, string][] = [
    ["Data", config.data.map(({ path }) => path).join(", ")],
    ...features,
    ["Validated on", describeCounts(epochs.at(-1))],
    ["Selected by", config.validation.select.join(", ")],
    ["Best epoch", best === undefined ? "none yet" : `${best.epoch}: ${describeMetrics(best)}`],
    ["Epochs, steps", `${epochs.length} of ${config.epochs}, ${epochs.at(-1)?.step ?? 0} steps of ${config.batchSize} pictures`],
    ["Time", `${(seconds / 60).toFixed(1)} minutes; training took ${(cpuSeconds / 60).toFixed(1)} minutes of one CPU core`],
    ["Seed", String(config.seed)],
  ];
  const body = rows.map(([name, value]) => `<tr><th scope="row">${name}</th><td>${escapeHtml(value)}</td></tr>`).join("\n");
  return `<div class="scroll"><table class="facts"><tbody>\n${body}\n</tbody></table></div>`;
}

function bestEpoch(epochs: readonly EpochLine[]): EpochLine | undefined {
  return epochs.findLast(({ validation }) => validation?.isBest === true);
}

function describeCounts(epoch: EpochLine | undefined): string {
  const counts = Object.entries(epoch?.validation?.metrics ?? {}).filter(([name]) => name.endsWith(".count"));
  return counts.map(([name, count]) => `${name.replace(".count", "")}: n = ${count}`).join(", ") || "nothing yet";
}

function describeMetrics({ validation }: EpochLine): string {
  const metrics = Object.entries(validation?.metrics ?? {}).filter(([name]) => !name.endsWith(".count"));
  return metrics.map(([name, value]) => `${name} ${formatMetric(name, value)}`).join(", ");
}

function formatMetric(name: string, value: number | null | undefined): string {
  if (value === null || value === undefined) return "";
  return name.endsWith("Error") ? `${value.toFixed(2)} years` : `${(100 * value).toFixed(2)} %`;
}

function epochTable(epochs: readonly EpochLine[]): string {
  const names = [...new Set(epochs.flatMap(({ validation }) => Object.keys(validation?.metrics ?? {})))].filter(
    (name) => !name.endsWith(".count"),
  );
  const best = bestEpoch(epochs);
  const header = ["epoch", "training loss", "learning rate", ...names, "pictures/s", "waited", "minutes", "CPU minutes"];
  const rows = epochs.map((epoch) => {
    const { timing, validation } = epoch;
    const metrics = names.map((name) => formatMetric(name, validation?.metrics[name]));
    const minutes = (timing.trainSeconds + timing.validationSeconds) / 60;
    const speed = [
      timing.picturesPerSecond.toFixed(0),
      `${(100 * timing.waitingShare).toFixed(1)} %`,
      minutes.toFixed(1),
      (timing.trainCpuSeconds / 60).toFixed(1),
    ];
    const cells = [String(epoch.epoch), epoch.loss.toFixed(4), epoch.learningRate.toExponential(2), ...metrics, ...speed];
    return `<tr${epoch === best ? ' class="best"' : ""}>${cells.map((cell) => `<td class="number">${cell}</td>`).join("")}</tr>`;
  });
  const head = header.map((name) => `<th class="number" scope="col">${escapeHtml(name)}</th>`).join("");
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>\n${rows.join("\n")}\n</tbody></table></div>`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
