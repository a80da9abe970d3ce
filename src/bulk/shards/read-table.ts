import {
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type SchemaElement,
} from "hyparquet";
import { TensorFaceError } from "../../core/index.ts";
import { readFailure } from "../../files/files.node.ts";
import type { ParquetColumn, ParquetList, ParquetRow } from "./parquet.ts";

type AsyncBuffer = Awaited<ReturnType<typeof asyncBufferFromFile>>;

interface OpenTable {
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
}

/** @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE | TF_BULK_DAMAGED} */
async function openTable(path: string): Promise<OpenTable> {
  const file = await asyncBufferFromFile(path).catch((error: unknown) => {
    throw readFailure(error, path);
  });
  try {
    return { file, metadata: await parquetMetadataAsync(file) };
  } catch (cause) {
    throw new TensorFaceError("TF_BULK_DAMAGED", `"${path}" is no Parquet file`, { cause });
  }
}

/** How many rows a table has, by its own account. @throws as {@link readTable} */
export async function readTableLength(path: string): Promise<number> {
  return Number((await openTable(path)).metadata.num_rows);
}

/** The columns of a table, as {@link createParquetFile} takes them. @throws as {@link readTable} */
export async function readTableColumns(path: string): Promise<(ParquetColumn | ParquetList)[]> {
  const { metadata } = await openTable(path);
  return parquetSchema(metadata).children.map(({ element, children }) =>
    children.length === 0
      ? columnOf(element)
      : { name: element.name, rows: children[0]!.children[0]!.children.map((child) => columnOf(child.element)) },
  );
}

function columnOf({ name, type, converted_type }: SchemaElement): ParquetColumn {
  if (converted_type === "UTF8") return { name, type: "text" };
  return { name, type: type === "INT32" ? "whole" : type === "INT64" ? "long" : "number" };
}

/**
 * The rows of a table, a group in memory at a time.
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE | TF_BULK_DAMAGED}
 */
export async function* readTable(path: string): AsyncGenerator<ParquetRow, void, undefined> {
  const { file, metadata } = await openTable(path);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const rows: ParquetRow[] = await parquetReadObjects({ file, metadata, rowStart, rowEnd });
    yield* rows;
    rowStart = rowEnd;
  }
}
