import { expectOptions, expectThat, type OptionNames } from "../core/index.ts";
import { numberTable, renderBlocksAsText, renderTable } from "../report/index.ts";
import { type Display, htmlDisplay } from "./display.ts";

/** What may stand in a cell of a table. */
export type TableValue = string | number | boolean | null | undefined;

/** Options of `table`. */
export interface TableOptions {
  /** @default none */
  readonly title?: string | undefined;
  /** Which fields, in which order. @default those of the first row */
  readonly columns?: readonly string[] | undefined;
  /** Digits behind the point, 0..12, in columns where a number is not whole. @default 3 */
  readonly digits?: number | undefined;
  /** Rows that are shown; the others are counted. @default 40 */
  readonly limit?: number | undefined;
}
const tableOptionNames: OptionNames<TableOptions> = { title: true, columns: true, digits: true, limit: true };

/**
 * Rows as a table. Columns that hold numbers alone stand at the right.
 * @throws {TF_INVALID_ARGUMENT} when `rows` are no list of objects
 *
 * @example
 * await show(table([{ mood: "happy", right: 0.91, faces: 120 }], { title: "By mood" }));
 */
export function table(rows: readonly Readonly<Record<string, TableValue>>[], options: TableOptions = {}): Display {
  const areRows = Array.isArray(rows) && rows.every((row) => typeof row === "object" && row !== null);
  expectThat(areRows, "rows must be a list of objects", rows);
  expectOptions(options, tableOptionNames);
  const { title = "", columns = Object.keys(rows[0] ?? {}), digits = 3, limit = 40 } = options;
  const words = columns.flatMap((name, index) => (rows.every((row) => typeof (row[name] ?? 0) === "number") ? [] : [index]));
  const shown = rows.slice(0, limit);
  const places = columns.map((name) => (shown.some((row) => isFraction(row[name])) ? digits : 0));
  const cells = shown.map((row) => columns.map((name, index) => format(row[name], places[index]!)));
  const more = rows.length > limit ? [columns.map((_, index) => (index === 0 ? `... and ${rows.length - limit} more` : ""))] : [];
  const block = numberTable(title, columns, [...cells, ...more], { textColumns: words });
  return htmlDisplay(renderBlocksAsText([block]).trim(), renderTable(block));
}

function isFraction(value: TableValue): boolean {
  return Number.isFinite(value) && !Number.isInteger(value);
}

function format(value: TableValue, digits: number): string {
  if (value === null || value === undefined) return "";
  return typeof value === "number" ? value.toFixed(digits) : String(value);
}
