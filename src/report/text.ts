import type { Block, Table } from "./blocks.ts";

/** Blocks as plain text for a terminal; of a chart its numbers. */
export function renderBlocksAsText(blocks: readonly Block[]): string {
  return `${blocks.flatMap((block) => textOf(block)).join("\n\n")}\n`;
}

function textOf(block: Block): string[] {
  if (block.kind === "heading") return [`${block.text}\n${(block.level === 1 ? "=" : "-").repeat(block.text.length)}`];
  if (block.kind === "text") return [block.text];
  const table = block.kind === "table" ? block : block.table;
  return table === undefined ? [] : [tableText(table)];
}

function tableText({ title, columns, rows }: Table): string {
  const header = columns.map((column) => column.title);
  const lines = header.every((text) => text === "") ? rows : [header, ...rows];
  const widths = columns.map((_, index) => Math.max(...lines.map((cells) => (cells[index] ?? "").length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => {
        const space = " ".repeat(widths[index]! - cell.length);
        return columns[index]?.align === "right" ? space + cell : cell + space;
      })
      .join("  ")
      .trimEnd();
  return [title, ...lines.map((cells) => `  ${line(cells)}`)].join("\n");
}
