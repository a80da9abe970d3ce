import { extname } from "node:path";
import { pipeline } from "node:stream";
import { parse } from "csv-parse";
import { parquetScan, parquetSchema, type SchemaTree } from "hyparquet";
import { z } from "zod";
import { TensorFaceError } from "../../core/index.ts";
import { openRegularFile, readLines, readNumberedLines } from "../../files/files.node.ts";
import { openParquet } from "../../files/parquet.node.ts";
import { hasQuotedTabs, withoutQuotes } from "../../files/tab-table.node.ts";

/** What the endings of lists mean. */
const listEndings: ReadonlyMap<string, "lines" | "json" | "table" | "parquet"> = new Map([
  [".txt", "lines"],
  [".jsonl", "json"],
  [".ndjson", "json"],
  [".csv", "table"],
  [".tsv", "table"],
  [".parquet", "parquet"],
]);

/** Columns that are taken where none is named, the first that is there. */
const usualColumns: readonly string[] = ["url", "path", "file", "source", "image", "image_url", "image_path", "filename", "key"];
/** Rows of a Parquet file that are in memory at once. */
const pieceRows = 65_536;

/** Whether a file is a list of pictures, by its ending. */
export function isList(path: string): boolean {
  return listEndings.has(extname(path).toLowerCase());
}

/**
 * Paths and addresses of a list, one at a time: a line each of `.txt`; a column of `.csv`, `.tsv`, `.jsonl` or `.parquet`.
 * @param column its name. @default the first of the usual names that is there
 * @throws {TF_INVALID_ARGUMENT} when no column has that name
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE} when it is not there, or a row names no picture
 */
export async function* readList(path: string, column?: string): AsyncGenerator<string, void, undefined> {
  const kind = listEndings.get(extname(path).toLowerCase());
  if (kind === "lines") yield* readLines(path);
  else if (kind === "json") yield* jsonList(path, column);
  else if (kind === "table") yield* tableList(path, column);
  else yield* parquetList(path, column);
}

async function* jsonList(path: string, wanted: string | undefined): AsyncGenerator<string, void, undefined> {
  let column = wanted;
  for await (const { text, number: row } of readNumberedLines(path)) {
    const value: unknown = parseJson(text, path, row);
    if (typeof value === "string") {
      yield value;
      continue;
    }
    const fields = z.record(z.string(), z.unknown()).safeParse(value);
    if (!fields.success) throw noPicture(path, row);
    column ??= chooseColumn(path, Object.keys(fields.data), wanted);
    yield asText(fields.data[column], path, row);
  }
}

function parseJson(line: string, path: string, row: number): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new TensorFaceError("TF_INPUT_UNREADABLE", `"${path}": line ${row} is no JSON`, { cause });
  }
}

async function* tableList(path: string, wanted: string | undefined): AsyncGenerator<string, void, undefined> {
  await using file = await openRegularFile(path);
  const input = file.handle.createReadStream({ start: 0, autoClose: false, highWaterMark: 1 << 18 });
  const hasTabs = extname(path).toLowerCase() === ".tsv";
  const isQuoted = !hasTabs || (await hasQuotedTabs(path));
  const parser = parse({
    bom: true,
    delimiter: hasTabs ? "\t" : ",",
    quote: isQuoted ? '"' : null,
    // All of them: rows that were added on another system end otherwise than the head.
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    skip_empty_lines: true,
  });
  pipeline(input, parser, () => undefined);
  let [row, place] = [0, -1];
  try {
    for await (const value of parser) {
      const written = z.array(z.string()).parse(value);
      const cells = isQuoted ? written : written.map(withoutQuotes);
      if (place < 0) place = cells.indexOf(chooseColumn(path, cells, wanted));
      else yield asText(cells[place], path, ++row);
    }
  } catch (error) {
    if (error instanceof TensorFaceError) throw error;
    throw new TensorFaceError("TF_INPUT_UNREADABLE", `"${path}" is no table behind row ${row}`, { cause: error });
  }
}

async function* parquetList(path: string, wanted: string | undefined): AsyncGenerator<string, void, undefined> {
  const { source, read } = await openParquet(path, "TF_INPUT_UNREADABLE");
  const scan = await read(parquetScan);
  const { children } = parquetSchema(source.metadata);
  const names = children.map(({ element }) => element.name);
  const isUsual = usualColumns.some((name) => names.includes(name));
  const column = chooseColumn(path, names, wanted ?? (isUsual ? undefined : children.find((child) => holdsPictures(child))?.element.name));
  let row = 0;
  for (const group of source.metadata.row_groups) {
    const end = row + Number(group.num_rows);
    while (row < end) {
      const [rowStart, rowEnd] = [row, Math.min(row + pieceRows, end)];
      const values = await read(async () => scan.readColumn({ column, rowStart, rowEnd }));
      for (const value of values) yield asText(pathOf(value, path, column), path, ++row);
    }
  }
}

/** Whether a column is one of pictures as Hugging Face keeps them: the bytes of a file, or its path, or both. */
function holdsPictures({ children }: SchemaTree): boolean {
  const names = new Set(children.map(({ element }) => element.name));
  return names.size === 2 && names.has("bytes") && names.has("path");
}

const pictureSchema = z.strictObject({ bytes: z.unknown(), path: z.unknown() });

/** The path of a picture that a column of pictures names, and anything else as it is. @throws {TF_INPUT_UNREADABLE} when it holds the picture itself */
function pathOf(value: unknown, path: string, column: string): unknown {
  const { data } = pictureSchema.safeParse(value);
  if (data === undefined) return value;
  if (data.bytes === null || data.bytes === undefined) return data.path;
  throw new TensorFaceError("TF_INPUT_UNREADABLE", `"${path}" holds pictures itself, in its column "${column}": a list names them`, {
    hint: "Write the pictures out as files, in a folder or a .tar archive, and name that.",
  });
}

function chooseColumn(path: string, names: readonly string[], wanted: string | undefined): string {
  const column = wanted === undefined ? usualColumns.find((name) => names.includes(name)) : names.find((name) => name === wanted);
  if (column !== undefined) return column;
  throw new TensorFaceError(
    "TF_INVALID_ARGUMENT",
    `"${path}" has no column ${wanted === undefined ? "that is called as usual" : `"${wanted}"`}: it has ${names.join(", ")}`,
    {
      hint: "Name the one that holds paths or addresses with --column.",
    },
  );
}

function asText(value: unknown, path: string, row: number): string {
  if (typeof value === "string" && value !== "") return value;
  throw noPicture(path, row);
}

function noPicture(path: string, row: number): TensorFaceError {
  return new TensorFaceError("TF_INPUT_UNREADABLE", `"${path}": row ${row} names no picture`, {
    hint: "Take the row out, or name another column with --column.",
  });
}
