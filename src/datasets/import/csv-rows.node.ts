import { extname } from "node:path";
import { parse } from "csv-parse";
import { z } from "zod";
import { TensorFaceError } from "../../core/index.ts";
import { errnoOf, openRegularFile, readFailure } from "../../files/files.node.ts";
import { hasQuotedTabs, withoutQuotes } from "../../files/tab-table.node.ts";

/** One data row of a label file: cells by header name, and its number from 1. */
export interface TableRow {
  readonly number: number;
  /** The cell under a header, without surrounding blanks; "" where the row is too short or has no such column. */
  cell(header: string): string;
}

export interface Table {
  readonly headers: readonly string[];
  /** Whether semicolons stand between the cells: offices write them so where a comma stands in numbers. */
  readonly hasSemicolons: boolean;
  readonly rows: AsyncIterable<TableRow>;
}

/** Characters of a row: FER2013's hold 2,304 numbers. A quote that does not close would take the whole file for one row. */
const longestRow = 1 << 20;
const cells = z.array(z.string());
/** What stands between cells, the likeliest first: offices write semicolons where numbers have a comma. */
const delimiters: readonly string[] = [",", ";", "\t"];
const tabEndings: readonly string[] = [".tsv", ".tab"];

/** What stands between cells, and whether quotes around one may hold that and line ends. */
interface Dialect {
  readonly delimiter: string;
  readonly isQuoted: boolean;
}

async function* parseRecords(path: string, { delimiter, isQuoted }: Dialect): AsyncGenerator<readonly string[]> {
  await using file = await openRegularFile(path);
  const input = file.handle.createReadStream({ highWaterMark: 1 << 18, autoClose: false });
  let lines = 0;
  const parser = parse({
    bom: true,
    delimiter,
    // All of them: left to itself the reader takes the first line's end for the only one, and rows that were added elsewhere for one cell.
    record_delimiter: ["\r\n", "\n", "\r"],
    trim: true,
    relax_column_count: true,
    quote: isQuoted ? '"' : null,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: longestRow,
    on_record: (record: string[], info) => {
      ({ lines } = info);
      return record;
    },
  });
  input.on("error", (error) => parser.destroy(error));
  input.pipe(parser);
  try {
    for await (const record of parser) yield isQuoted ? cells.parse(record) : cells.parse(record).map(withoutQuotes);
  } catch (error) {
    throw tableFailure(error, path, lines + 1);
  } finally {
    input.destroy();
  }
}

/** What a table begins with. */
interface Start {
  readonly headers: readonly string[];
  /** The first below the head. */
  readonly row: readonly string[];
  /** Lines before the head. */
  readonly skipped: number;
}

/** Excel takes a first line `sep=;` for what stands between the cells, and many programs write one. */
function saysDelimiter([first, second, ...others]: readonly string[]): boolean {
  return first?.toLowerCase() === "sep=" && second === "" && others.length === 0;
}

/** The head and the row below it, as far as they can be read: what is wrong with the row is told when it is read. @throws what is wrong with the head */
async function readStart(path: string, dialect: Dialect): Promise<Start> {
  const records: (readonly string[])[] = [];
  let skipped = 0;
  try {
    for await (const record of parseRecords(path, dialect)) {
      if (records.length === 0 && skipped === 0 && saysDelimiter(record)) skipped = 1;
      else if (records.push(record) === 2) break;
    }
  } catch (error) {
    if (records.length === 0) throw error;
  }
  const [headers = [], row = headers] = records;
  return { headers, row, skipped };
}

/** How quotes are read where this stands between cells. The whole file is looked through only where its head has tabs. */
async function dialectOf(path: string, delimiter: string): Promise<Dialect> {
  if (delimiter !== "\t") return { delimiter, isQuoted: true };
  const { headers } = await readStart(path, { delimiter, isQuoted: false });
  return { delimiter, isQuoted: headers.length > 1 && (await hasQuotedTabs(path)) };
}

/** The headers of a table, and how its cells are told apart. */
interface Head extends Pick<Start, "headers" | "skipped"> {
  readonly dialect: Dialect;
}

/**
 * The headers of a table, and what stands between its cells: what its first line says; tabs where its name says so; of what its head has, what cuts the row below into as
 * many cells and no quote apart; then what makes most cells. @throws what is wrong with the head, read with commas
 */
async function readHead(path: string): Promise<Head> {
  const isTabs = tabEndings.includes(extname(path).toLowerCase());
  const starts = await Promise.allSettled(
    delimiters.map(async (delimiter) => {
      const dialect = await dialectOf(path, delimiter);
      return { dialect, ...(await readStart(path, dialect)) };
    }),
  );
  const found = starts.flatMap((start) => {
    if (start.status === "rejected") return [];
    const { dialect, headers, row, skipped } = start.value;
    const isNamed = isTabs && dialect.delimiter === "\t";
    const doubts =
      Number(skipped === 0) * 8 +
      Number(!isNamed) * 4 +
      Number(row.length !== headers.length) * 2 +
      Number(headers.some((header) => header.includes('"')));
    return headers.length > 1 || skipped > 0 ? [{ headers, skipped, dialect, doubts }] : [];
  });
  const [best] = found.toSorted((a, b) => a.doubts - b.doubts || b.headers.length - a.headers.length);
  if (best !== undefined) return best;
  const dialect = { delimiter: delimiters[0]!, isQuoted: true };
  return { ...(await readStart(path, dialect)), dialect };
}

/** What is wrong with a row that begins in a line of the file; anything else is the disk's. */
function tableFailure(error: unknown, path: string, line: number): TensorFaceError {
  const code = errnoOf(error);
  if (!(error instanceof Error) || code?.startsWith("CSV_") !== true) return readFailure(error, path);
  const isOpen = code === "CSV_QUOTE_NOT_CLOSED" || code === "CSV_MAX_RECORD_SIZE";
  const what = isOpen ? "a quote is not closed in the row that begins there" : error.message;
  return new TensorFaceError("TF_DATASET_INVALID", `"${path}" line ${line}: ${what}`, {
    cause: error,
    hint: "A cell that begins with a quote ends with one; within it a quote is written twice.",
  });
}

/**
 * Opens a table with a header row. Rows are streamed: a million of them need no more memory than one. Of two columns of one name none is
 * read. Commas, semicolons or tabs stand between cells; what a quote means between tabs, {@link hasQuotedTabs} says.
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE | TF_DATASET_INVALID}
 */
export async function openTable(path: string): Promise<Table> {
  // Read by itself: a table of which the headers alone are wanted leaves no file open.
  const { headers, skipped, dialect } = await readHead(path);
  const columns = new Map(headers.map((name, index) => [name, index]));
  const columnOf = (header: string): number => {
    const index = columns.get(header) ?? -1;
    if (index < 0 || headers.indexOf(header) === index) return index;
    throw new TensorFaceError("TF_DATASET_INVALID", `"${path}" has two columns "${header}"`, {
      hint: "Give one of them another name, or remove it: which one is meant cannot be told.",
    });
  };
  const rows = async function* (): AsyncGenerator<TableRow> {
    let number = -1 - skipped;
    for await (const record of parseRecords(path, dialect)) {
      number++;
      if (number > 0) yield { number, cell: (header) => record[columnOf(header)] ?? "" };
    }
  };
  return { headers, hasSemicolons: dialect.delimiter === ";", rows: rows() };
}

/** Whether a table has all of these columns. */
export function hasColumns(table: Pick<Table, "headers">, wanted: readonly string[]): boolean {
  return wanted.every((name) => table.headers.includes(name));
}
