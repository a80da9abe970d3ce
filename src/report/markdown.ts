import type { Block, Table } from "./blocks.ts";

/** Blocks as Markdown with GitHub's tables; of a chart its numbers. `level` is added to every heading's level. */
export function renderBlocksAsMarkdown(blocks: readonly Block[], level = 0): string {
  return `${blocks.flatMap((block) => markdownOf(block, level)).join("\n\n")}\n`;
}

function markdownOf(block: Block, level: number): string[] {
  if (block.kind === "heading") return [`${"#".repeat(block.level + level)} ${escapeText(block.text)}`];
  if (block.kind === "text") return [escapeText(block.text)];
  const table = block.kind === "table" ? block : block.table;
  return table === undefined ? [] : [tableMarkdown(table)];
}

function tableMarkdown({ title, columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => escapeCell(cell)).join(" | ")} |`;
  const rule = columns.map(({ align }) => (align === "right" ? "---:" : "---"));
  return [
    `**${escapeText(title)}**`,
    "",
    line(columns.map((column) => column.title)),
    `| ${rule.join(" | ")} |`,
    ...rows.map((row) => line(row)),
  ].join("\n");
}

/** Names come from files: they must not turn into markup. */
function escapeText(text: string): string {
  return text.replaceAll(/[\\`*_<>[\]]/g, String.raw`\$&`);
}

function escapeCell(text: string): string {
  return escapeText(text)
    .replaceAll("|", String.raw`\|`)
    .replaceAll("\n", " ");
}
