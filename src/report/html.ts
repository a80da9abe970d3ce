import type { Block, Chart, Pictures, Table } from "./blocks.ts";
import { renderChart, renderFigure } from "./chart.ts";
import { escapeHtml } from "./escape.ts";

/** Blocks as the body of a page; charts that follow each other stand side by side where there is room. */
export async function renderBlocks(blocks: readonly Block[]): Promise<string> {
  const parts: string[] = [];
  let row: string[] = [];
  const endRow = (): void => {
    if (row.length > 0) parts.push(`<div class="row">\n${row.join("\n")}\n</div>`);
    row = [];
  };
  for (const block of blocks) {
    if (block.kind === "chart") {
      row.push(await renderChartBlock(block));
      continue;
    }
    endRow();
    parts.push(renderBlock(block));
  }
  endRow();
  return parts.join("\n");
}

function renderBlock(block: Exclude<Block, Chart>): string {
  if (block.kind === "heading") return `<h${block.level}>${escapeHtml(block.text)}</h${block.level}>`;
  if (block.kind === "text") return `<p>${sentence(block.text)}</p>`;
  return block.kind === "pictures" ? renderPictures(block) : renderTable(block);
}

/** Running text, in which a number and its percent sign stay on one line. */
function sentence(text: string): string {
  return escapeHtml(text).replaceAll(" %", "&nbsp;%");
}

function renderPictures({ title, items, folded = false }: Pictures): string {
  const figures = items.map(({ url, alternative, caption, name }) => {
    const picture = url === undefined ? `<div class="missing">no picture</div>` : `<img alt="${escapeHtml(alternative)}" src="${url}">`;
    const named = `<span class="name" title="${escapeHtml(name)}">${escapeHtml(name)}</span>`;
    return `<figure>${picture}<figcaption>${sentence(caption)}${named}</figcaption></figure>`;
  });
  const grid = `<div class="faces">${figures.join("\n")}</div>`;
  return folded ? `<details><summary>${escapeHtml(title)}</summary>${grid}</details>` : `<h3>${escapeHtml(title)}</h3>${grid}`;
}

async function renderChartBlock({ title, description, spec, table }: Chart): Promise<string> {
  const figure = renderFigure(await renderChart(spec), title, description);
  if (table === undefined) return figure;
  return `<div class="charted">${figure}<details><summary>the numbers</summary>${renderTable(table)}</details></div>`;
}

/** A table of plain text cells; its first column names the rows. */
export function renderTable({ title, columns, rows, marked }: Table): string {
  const align = (column: number): string => (columns[column]?.align === "right" ? ' class="right"' : "");
  const head = columns.map((column, index) => `<th scope="col"${align(index)}>${escapeHtml(column.title)}</th>`).join("");
  const hasHead = columns.some((column) => column.title !== "");
  const cell = (text: string, column: number): string =>
    column === 0 ? `<th scope="row">${escapeHtml(text)}</th>` : `<td${align(column)}>${escapeHtml(text)}</td>`;
  const body = rows.map((row, index) => `<tr${index === marked ? ' class="marked"' : ""}>${row.map(cell).join("")}</tr>`);
  const caption = title === "" ? "" : `<caption>${escapeHtml(title)}</caption>`;
  return `<div class="scroll"><table${hasHead ? "" : ' class="facts"'}>${caption}${hasHead ? `<thead><tr>${head}</tr></thead>` : ""}<tbody>
${body.join("\n")}
</tbody></table></div>`;
}
