import { parse } from "csv-parse";
import { z } from "zod";
import { TensorFaceError } from "../../core/index.ts";
import { openRegularFile, readFailure } from "../../files/files.node.ts";

/** One data row of a label file: cells by header name, and its number from 1. */
export interface TableRow {
  readonly number: number;
  /** The cell under a header, without surrounding blanks; "" where the row is too short or has no such column. */
  cell(header: string): string;
}

export interface Table {
  readonly headers: readonly string[];
  readonly rows: AsyncIterable<TableRow>;
}

const cells = z.array(z.string());

async function* parseRecords(path: string, delimiter: string): AsyncGenerator<readonly string[]> {
  await using file = await openRegularFile(path);
  const input = file.handle.createReadStream({ highWaterMark: 1 << 18, autoClose: false });
  const parser = parse({ bom: true, delimiter, trim: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true });
  input.on("error", (error) => parser.destroy(error));
  input.pipe(parser);
  try {
    for await (const record of parser) yield cells.parse(record);
  } catch (error) {
    if (error instanceof Error && error.name === "CsvError") {
      throw new TensorFaceError("TF_DATASET_INVALID", `"${path}" is not a table: ${error.message}`, { cause: error });
    }
    throw readFailure(error, path);
  } finally {
    input.destroy();
  }
}

/**
 * Opens a table with a header row. Rows are streamed: a million of them need no more memory than one.
 * @param delimiter between cells. @default ","
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE | TF_DATASET_INVALID}
 */
export async function openTable(path: string, delimiter = ","): Promise<Table> {
  const records = parseRecords(path, delimiter);
  const first = await records.next();
  const headers: readonly string[] = first.done === true ? [] : first.value;
  const columns = new Map(headers.map((name, index) => [name, index]));
  const rows = async function* (): AsyncGenerator<TableRow> {
    let number = 0;
    for await (const record of records) {
      number++;
      yield { number, cell: (header) => record[columns.get(header) ?? -1] ?? "" };
    }
  };
  return { headers, rows: rows() };
}

/** Closes a table whose rows are not wanted. */
export function hasColumns(table: Pick<Table, "headers">, wanted: readonly string[]): boolean {
  return wanted.every((name) => table.headers.includes(name));
}
