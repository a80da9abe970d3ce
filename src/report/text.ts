import type { Block, Table } from "./blocks.ts";
import { displayWidth, padEnd, printable } from "./columns.ts";

/** Blocks as plain text for a terminal; of a chart its numbers. */
export function renderBlocksAsText(blocks: readonly Block[]): string {
  return `${blocks.flatMap((block) => textOf(block)).join("\n\n")}\n`;
}

function textOf(block: Block): string[] {
  if (block.kind === "heading") {
    const text = printable(block.text);
    return [`${text}\n${(block.level === 1 ? "=" : "-").repeat(displayWidth(text))}`];
  }
  if (block.kind === "text") return [printable(block.text)];
  const table = block.kind === "table" ? block : block.table;
  return table === undefined ? [] : [tableText(table)];
}

function tableText({ title, columns, rows }: Table): string {
  const header = columns.map((column) => column.title);
  const shown = header.every((text) => text === "") ? rows : [header, ...rows];
  const lines = shown.map((cells) => cells.map((cell) => printable(cell)));
  const widths = columns.map((_, index) => Math.max(...lines.map((cells) => displayWidth(cells[index] ?? ""))));
  const fill = (cell: string, index: number): string => {
    const width = widths[index]!;
    return columns[index]?.align === "right" ? " ".repeat(width - displayWidth(cell)) + cell : padEnd(cell, width);
  };
  return [printable(title), ...lines.map((cells) => `  ${cells.map(fill).join("  ")}`.trimEnd())].join("\n");
}
