import type { TopLevelSpec } from "vega-lite";

/** A page as data: what terminal, Markdown and HTML render, each in its own way. */
export type Block =
  | { readonly kind: "heading"; readonly level: 1 | 2 | 3; readonly text: string }
  | { readonly kind: "text"; readonly text: string }
  | Table
  | Chart;

export interface Table {
  readonly kind: "table";
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

export interface Column {
  readonly title: string;
  /** @default "left" */
  readonly align?: "left" | "right";
}

/** A picture of numbers. Only HTML shows it, so nothing stands in a chart alone. */
export interface Chart {
  readonly kind: "chart";
  readonly title: string;
  /** What is to be seen, for who does not see it. */
  readonly description: string;
  readonly spec: TopLevelSpec;
}

export function heading(level: 1 | 2 | 3, text: string): Block {
  return { kind: "heading", level, text };
}

export function paragraph(text: string): Block {
  return { kind: "text", text };
}

/** A table of which the first column is words and the others are numbers. */
export function numberTable(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): Table {
  return { kind: "table", title, columns: columns.map((text, index) => ({ title: text, align: index === 0 ? "left" : "right" })), rows };
}
