import { pipeline } from "node:stream";
import { CsvError, type Options, parse } from "csv-parse";
import { readFailure } from "./failures.node.ts";
import { openRegularFile } from "./read.node.ts";

/** Characters of a row: of one that is longer a quote was not closed, and the file would be taken for one cell. */
const longestRow = 1 << 20;
const quote = '"';

/**
 * Whether a table with tabs between its cells is to be read with quotes around some of them, which may hold tabs and line ends. Most programs
 * write none, as IANA's text/tab-separated-values has it, and a quote is a letter: that is so where each line has the cells of the first one.
 * Else it is so where the quotes do not close.
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE}
 */
export async function hasQuotedTabs(path: string): Promise<boolean> {
  if (!(await holdsQuote(path)) || (await isTable(path, { quote: null }))) return false;
  return isTable(path, { quote, relax_column_count: true });
}

/** A cell of a line that was split at its tabs: offices and pandas write one that holds a quote in quotes, and that twice. */
export function withoutQuotes(cell: string): string {
  return /^"(?:[^"]|"")*"$/.test(cell) ? cell.slice(1, -1).replaceAll('""', quote) : cell;
}

async function holdsQuote(path: string): Promise<boolean> {
  await using file = await openRegularFile(path);
  try {
    for await (const piece of file.handle.createReadStream({ highWaterMark: 1 << 18, autoClose: false })) {
      if (Buffer.from(piece).includes(quote)) return true;
    }
  } catch (error) {
    throw readFailure(error, path);
  }
  return false;
}

/** Whether a file can be read so to its end. */
async function isTable(path: string, options: Options): Promise<boolean> {
  await using file = await openRegularFile(path);
  const input = file.handle.createReadStream({ highWaterMark: 1 << 18, autoClose: false });
  const parser = parse({
    bom: true,
    delimiter: "\t",
    record_delimiter: ["\r\n", "\n", "\r"],
    trim: true,
    skip_empty_lines: true,
    max_record_size: longestRow,
    ...options,
  });
  pipeline(input, parser, () => undefined);
  try {
    for await (const _row of parser);
    return true;
  } catch (error) {
    if (error instanceof CsvError) return false;
    throw readFailure(error, path);
  }
}
