import type { TopLevelSpec } from "vega-lite";

/** A page as data: what terminal, Markdown and HTML render, each in its own way. */
export type Block =
  | { readonly kind: "heading"; readonly level: 1 | 2 | 3; readonly text: string }
  | { readonly kind: "text"; readonly text: string }
  | Table
  | Chart
  | Pictures;

export interface Table {
  readonly kind: "table";
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  /** The row that stands out, by index. */
  readonly marked?: number | undefined;
}

export interface Column {
  readonly title: string;
  /** @default "left" */
  readonly align?: "left" | "right";
}

/** A picture of numbers, of which HTML alone shows the picture: the numbers stand in its table. */
export interface Chart {
  readonly kind: "chart";
  readonly title: string;
  /** How it is to be read. */
  readonly description: string;
  readonly spec: TopLevelSpec;
  /** The same numbers; absent where another table of the page has them. */
  readonly table?: Table | undefined;
}

/** Small pictures in rows, of which HTML alone shows the pictures. */
export interface Pictures {
  readonly kind: "pictures";
  readonly title: string;
  readonly items: readonly PictureItem[];
  /** The same in words. */
  readonly table: Table;
  /** Whether the page hides them until they are asked for. @default false */
  readonly folded?: boolean;
}

export interface PictureItem {
  /** A data URL: the page needs nothing else. Undefined where the picture is not at hand. */
  readonly url: string | undefined;
  /** What it is, for who does not see it. */
  readonly alternative: string;
  readonly caption: string;
  /** Which face it is; cut short where it is long. */
  readonly name: string;
}

export function heading(level: 1 | 2 | 3, text: string): Block {
  return { kind: "heading", level, text };
}

export function paragraph(text: string): Block {
  return { kind: "text", text };
}

export interface NumberTableOptions {
  /** Columns that hold words, by index. @default [0] */
  readonly textColumns?: readonly number[];
  readonly marked?: number | undefined;
}

/** A table of which the first column, or those that are named, is words and the others are numbers. */
export function numberTable(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  { textColumns = [0], marked }: NumberTableOptions = {},
): Table {
  const aligned = columns.map((text, index) => ({ title: text, align: textColumns.includes(index) ? "left" : "right" }) as const);
  return { kind: "table", title, columns: aligned, rows, marked };
}

/** Names and what they are. */
export function factsTable(title: string, rows: readonly (readonly [string, string])[]): Table {
  return { kind: "table", title, columns: [{ title: "" }, { title: "" }], rows };
}
