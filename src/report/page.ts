import { escapeHtml } from "./escape.ts";
import { darkChartRules } from "./theme.ts";

const style = `
:root { color-scheme: light dark; --ink: #1c2126; --soft: #5a646d; --paper: #fff; --card: #f5f6f8; --line: #d8dce0; --link: #0b57c2; }
@media (prefers-color-scheme: dark) {
:root { --ink: #e8ebee; --soft: #a2abb3; --paper: #14181b; --card: #1f2529; --line: #39424a; --link: #8ab8ff; }
${darkChartRules}
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 0.9375rem/1.5 system-ui, sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 28px 20px 80px; }
a { color: var(--link); }
h1 { font-size: 1.625rem; line-height: 1.25; margin: 0 0 8px; overflow-wrap: anywhere; }
h2 { font-size: 1.1875rem; margin: 40px 0 8px; padding-top: 12px; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
h3 { font-size: 0.9375rem; margin: 24px 0 6px; }
p, h3, summary { overflow-wrap: anywhere; } p { margin: 6px 0; max-width: 75ch; } .soft { color: var(--soft); }
code, pre { font: 0.8125rem/1.45 ui-monospace, monospace; background: var(--card); border-radius: 3px; }
code { padding: 1px 5px; overflow-wrap: anywhere; } pre { padding: 12px; overflow-x: auto; }
summary { cursor: pointer; color: var(--soft); } details { margin: 8px 0; }
figure { margin: 0; } figcaption { font-size: 0.8125rem; color: var(--soft); margin-top: 3px; overflow-wrap: anywhere; }
.row { display: flex; flex-wrap: wrap; gap: 26px 36px; align-items: flex-start; margin: 18px 0; } .row > * { max-width: 100%; min-width: 0; }
.chart figcaption { margin: 0 0 8px; } .chart b { font-weight: 600; font-size: 0.875rem; color: var(--ink); } .chart svg { display: block; max-width: 100%; height: auto; }
.faces { display: grid; grid-template-columns: repeat(auto-fill, minmax(96px, 1fr)); gap: 10px 8px; margin: 8px 0; }
.faces img, .missing { width: 100%; aspect-ratio: 1; object-fit: contain; border-radius: 4px; display: block; background: var(--card); }
.missing { font-size: 0.75rem; color: var(--soft); display: grid; place-items: center; } .faces figcaption { font-size: 0.75rem; }
.faces .name { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-size: 0.84375rem; margin: 12px 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding-bottom: 5px; max-width: calc(100vw - 40px); }
th { font-weight: 600; } thead th { border-bottom: 1px solid var(--line); vertical-align: bottom; }
tbody th { font-weight: 400; } .facts tbody th { color: var(--soft); }
th, td { padding: 3px 14px 3px 6px; text-align: left; vertical-align: top; white-space: nowrap; } .right { text-align: right; }
.facts th, .facts td { white-space: normal; overflow-wrap: anywhere; min-width: 7em; }
tbody tr:nth-child(even) { background: var(--card); } .marked > * { font-weight: 700; }
@media (max-width: 600px) { th, td { padding-right: 8px; } tbody th { white-space: normal; } }
/* Paper does not scroll. */
@media print {
main { max-width: none; padding: 0; } .scroll, pre { overflow: visible; } pre { white-space: pre-wrap; overflow-wrap: anywhere; }
th, td { white-space: normal; } .chart svg { min-width: 0 !important; }
h1, h2, h3, caption, summary { break-after: avoid; } figure, tr { break-inside: avoid; }
}
`;

export interface PageOptions {
  /** Rules for what this page alone has. */
  readonly style?: string;
}

/** A whole page without anything from elsewhere and without a script: it can be mailed, and opened years later. */
export function renderPage(title: string, body: string, options: PageOptions = {}): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}${options.style ?? ""}</style>
</head>
<body><main>
${body}
</main></body>
</html>
`;
}
