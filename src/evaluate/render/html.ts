import { type Config, compile, type TopLevelSpec } from "vega-lite";
import { parse, View } from "vega";
import type { EvaluationReport } from "../report.ts";
import type { Block, Chart, Table } from "./blocks.ts";
import { describeReport } from "./describe.ts";

/** A report as one HTML file that needs nothing else: charts are inline SVG, there is no script. */
export async function renderHtml(report: EvaluationReport): Promise<string> {
  const blocks = describeReport(report);
  const body = await Promise.all(blocks.map((block) => htmlOf(block)));
  const title = blocks.find((block) => block.kind === "heading")?.text ?? "Evaluation";
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
<main>
${body.join("\n")}
</main>
</html>
`;
}

const style = `
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: #16202b; background: #fff; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.6rem; } h2 { margin-top: 3rem; border-bottom: 2px solid #1b3a5c; } 
.scroll { overflow-x: auto; margin: 1.5rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption, figcaption { text-align: left; font-weight: 600; padding-bottom: .4rem; max-width: 50rem; }
th, td { padding: .25rem .8rem .25rem 0; text-align: left; border-bottom: 1px solid #dde3ea; vertical-align: top; }
th { font-weight: 600; } .right { text-align: right; white-space: nowrap; }
tbody th { font-weight: normal; white-space: nowrap; }
figure { margin: 2rem 0; overflow-x: auto; } svg { max-width: none; }
`;

async function htmlOf(block: Block): Promise<string> {
  if (block.kind === "heading") return `<h${block.level}>${escapeHtml(block.text)}</h${block.level}>`;
  if (block.kind === "text") return `<p>${escapeHtml(block.text)}</p>`;
  return block.kind === "table" ? tableHtml(block) : chartHtml(block);
}

function tableHtml({ title, columns, rows }: Table): string {
  const cell = (tag: "td" | "th", text: string, column: number, scope = "") =>
    `<${tag}${scope}${columns[column]?.align === "right" ? ' class="right"' : ""}>${escapeHtml(text)}</${tag}>`;
  const hasHeader = columns.some((column) => column.title !== "");
  const header = columns.map((column, index) => cell("th", column.title, index, ' scope="col"')).join("");
  const line = (row: readonly string[]) =>
    `<tr>${row.map((text, index) => (index === 0 ? cell("th", text, index, ' scope="row"') : cell("td", text, index))).join("")}</tr>`;
  return `<div class="scroll"><table><caption>${escapeHtml(title)}</caption>${hasHeader ? `<thead><tr>${header}</tr></thead>` : ""}<tbody>
${rows.map((row) => line(row)).join("\n")}
</tbody></table></div>`;
}

async function chartHtml({ title, description, spec }: Chart): Promise<string> {
  const svg = await renderChart(spec);
  const labelled = svg.replace("<svg ", `<svg role="img" aria-label="${escapeHtml(`${title}. ${description}`)}" `);
  return `<figure><figcaption>${escapeHtml(title)}</figcaption>${labelled}</figure>`;
}

const chartConfig: Config = {
  background: "white",
  font: "system-ui, sans-serif",
  axis: { labelFontSize: 12, titleFontSize: 12, titlePadding: 8, gridColor: "#e6ebf0" },
  legend: { labelFontSize: 11, titleFontSize: 11 },
  header: { labelFontSize: 12 },
};

/** A Vega-Lite chart as SVG text. */
export async function renderChart(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile({ ...spec, config: chartConfig }).spec), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
