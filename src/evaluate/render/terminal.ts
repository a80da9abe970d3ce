import type { EvaluationReport } from "../report.ts";
import type { Block, Table } from "./blocks.ts";
import { describeReport } from "./describe.ts";

/** A report as text for a terminal: the data, metrics and classes; slices and charts are in the other forms. */
export function renderTerminal(report: EvaluationReport): string {
  return renderBlocksAsText(describeReport(report, { details: false }));
}

/** Blocks as plain text; charts are left out. */
export function renderBlocksAsText(blocks: readonly Block[]): string {
  return `${blocks.flatMap((block) => textOf(block)).join("\n\n")}\n`;
}

function textOf(block: Block): string[] {
  if (block.kind === "heading") return [`${block.text}\n${(block.level === 1 ? "=" : "-").repeat(block.text.length)}`];
  if (block.kind === "text") return [block.text];
  return block.kind === "table" ? [tableText(block)] : [];
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
