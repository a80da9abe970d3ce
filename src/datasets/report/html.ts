import { chartColours } from "./charts.ts";

/** Text that is safe inside HTML and inside attributes in double quotes. */
export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replaceAll(/[&<>"]/g, (character) => entities[character]!);
}

export interface TableOptions {
  /** Columns that hold text, by index; the others are numbers and stand on the right. @default [0] */
  readonly textColumns?: readonly number[];
  readonly caption?: string;
}

/** A table of plain text cells. */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { textColumns = [0], caption }: TableOptions = {},
): string {
  const cell = (tag: "td" | "th") => (text: string, index: number) =>
    `<${tag}${textColumns.includes(index) ? ' class="text"' : ""}>${escapeHtml(text)}</${tag}>`;
  const head = `<thead><tr>${header.map(cell("th")).join("")}</tr></thead>`;
  const body = rows.map((row) => `<tr>${row.map(cell("td")).join("")}</tr>`).join("\n");
  const title = caption === undefined ? "" : `<caption>${escapeHtml(caption)}</caption>`;
  return `<div class="scroll"><table>${title}${head}<tbody>${body}</tbody></table></div>`;
}

/** A whole number with thousands apart. */
export function formatCount(count: number): string {
  return count.toLocaleString("en");
}

export function formatPercent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** Charts are drawn in fixed colours, so that they can be taken out of the page; in the dark, the page swaps them. */
const darkCharts = (
  [
    [chartColours.ink, "var(--ink)"],
    [chartColours.soft, "var(--soft)"],
    [chartColours.grid, "var(--line)"],
    [chartColours.paper, "var(--paper)"],
    [chartColours.series[0], "#62a8d6"],
    [chartColours.series[1], "#ffd166"],
  ] as const
)
  .map(([drawn, shown]) => `  svg [fill="${drawn}"] { fill: ${shown}; } svg [stroke="${drawn}"] { stroke: ${shown}; }`)
  .join("\n");

const style = `
:root { color-scheme: light dark; --ink: #1c2126; --soft: #5a646d; --paper: #fff; --card: #f5f6f8; --line: #d8dce0; --link: #0b57c2; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8ebee; --soft: #a2abb3; --paper: #14181b; --card: #1f2529; --line: #39424a; --link: #8ab8ff; }
${darkCharts}
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
.page { max-width: 1120px; margin: 0 auto; padding: 28px 20px 80px; }
a { color: var(--link); }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 40px 0 6px; padding-top: 12px; border-top: 1px solid var(--line); }
h3 { font-size: 15px; margin: 22px 0 6px; } p { margin: 6px 0; max-width: 75ch; } .soft { color: var(--soft); }
code { font: 13px/1.4 ui-monospace, monospace; background: var(--card); padding: 1px 5px; border-radius: 3px; overflow-wrap: anywhere; }
.row { display: flex; flex-wrap: wrap; gap: 20px 32px; align-items: flex-start; } .row svg { max-width: 100%; height: auto; }
figure { margin: 0; } figcaption { font-size: 12px; color: var(--soft); margin-top: 3px; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: 13.5px; margin: 8px 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: 4px; } th { font-weight: 600; border-bottom: 1px solid var(--line); }
th, td { padding: 3px 10px; text-align: right; white-space: nowrap; } th.text, td.text { text-align: left; } tbody tr:nth-child(even) { background: var(--card); }
.faces { display: grid; grid-template-columns: repeat(auto-fill, minmax(96px, 1fr)); gap: 8px; margin: 8px 0; }
.faces img, .pair img { width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: 4px; display: block; background: var(--card); }
.strip img { height: 84px; max-width: 100%; border-radius: 4px; }
.classes { display: grid; grid-template-columns: 110px 84px 1fr; gap: 8px 14px; align-items: center; margin: 8px 0; }
.classes b { font-weight: 600; } .classes .n { display: block; font-weight: 400; font-size: 12px; color: var(--soft); }
.pairs { display: grid; grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)); gap: 14px; margin: 8px 0; }
.pair div { display: grid; grid-template-columns: 1fr 1fr; gap: 3px; } .pair figcaption { overflow-wrap: anywhere; }
.facts { display: flex; flex-wrap: wrap; gap: 10px 34px; margin: 14px 0; } .facts div { min-width: 90px; }
.facts b { display: block; font-size: 22px; font-weight: 600; } .facts span { color: var(--soft); font-size: 13px; }
`;

/** A whole page without anything from elsewhere: it can be mailed and opened years later. */
export function renderDocument(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body><div class="page">
${body}
</div></body>
</html>
`;
}
