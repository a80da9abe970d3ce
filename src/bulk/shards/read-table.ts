import { parquetReadObjects, parquetSchema, type SchemaElement } from "hyparquet";
import { type OpenParquet, openParquet } from "../../files/parquet.node.ts";
import type { ParquetColumn, ParquetList, ParquetRow } from "./parquet.ts";

/** @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE | TF_BULK_DAMAGED} */
async function openTable(path: string): Promise<OpenParquet> {
  return openParquet(path, "TF_BULK_DAMAGED");
}

/** How many rows a table has, by its own account. @throws as {@link readTable} */
export async function readTableLength(path: string): Promise<number> {
  return Number((await openTable(path)).source.metadata.num_rows);
}

/** The columns of a table, as {@link createParquetFile} takes them. @throws as {@link readTable} */
export async function readTableColumns(path: string): Promise<(ParquetColumn | ParquetList)[]> {
  const { source } = await openTable(path);
  return parquetSchema(source.metadata).children.map(({ element, children }) =>
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
  const { source, read } = await openTable(path);
  let next = 0;
  for (const group of source.metadata.row_groups) {
    const [rowStart, rowEnd] = [next, next + Number(group.num_rows)];
    const rows: ParquetRow[] = await read(async (open) => parquetReadObjects({ ...open, rowStart, rowEnd }));
    yield* rows;
    next = rowEnd;
  }
}
