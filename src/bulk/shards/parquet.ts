import { createHash } from "node:crypto";
import type { SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { openPart, type PartOptions } from "../../files/files.node.ts";

/** A column, with its type written down: none is guessed from what stands in its first rows. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: "text" | "whole" | "long" | "number";
}

/** A column of lists of rows. */
export interface ParquetList {
  readonly name: string;
  readonly rows: readonly ParquetColumn[];
}

export type ParquetCell = string | number | bigint | null;
export type ParquetRow = Readonly<Record<string, ParquetCell | readonly ParquetRowOfCells[] | null>>;
export type ParquetRowOfCells = Readonly<Record<string, ParquetCell>>;

/** Rows that go into a Parquet file, a group in memory at a time. The same rows give the same bytes. */
export interface ParquetFile {
  write(row: ParquetRow): Promise<void>;
  /** Flushes to the disk and puts the file in place. */
  commit(): Promise<{ readonly bytes: number; readonly sha256: string; readonly rows: number }>;
  /** Removes what was written. */
  abandon(): Promise<void>;
}

export interface ParquetOptions {
  /** A group ends with so many rows or, of lists, so many rows inside. @default 20000 */
  readonly groupSize?: number | undefined;
  readonly open?: PartOptions["open"];
  /** What the file says of itself. @default nothing */
  readonly notes?: Readonly<Record<string, string>> | undefined;
}

const types = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  whole: { type: "INT32" },
  long: { type: "INT64" },
  number: { type: "DOUBLE" },
} as const satisfies Record<ParquetColumn["type"], Partial<SchemaElement>>;

const createdBy = "tensorface";

const leaf = ({ name, type }: ParquetColumn): SchemaElement => ({ name, ...types[type], repetition_type: "OPTIONAL" });

function schemaOf(columns: readonly (ParquetColumn | ParquetList)[]): SchemaElement[] {
  return [
    { name: "root", num_children: columns.length },
    ...columns.flatMap((column): SchemaElement[] =>
      "type" in column
        ? [leaf(column)]
        : [
            { name: column.name, repetition_type: "OPTIONAL", converted_type: "LIST", num_children: 1 },
            { name: "list", repetition_type: "REPEATED", num_children: 1 },
            { name: "element", repetition_type: "OPTIONAL", num_children: column.rows.length },
            ...column.rows.map(leaf),
          ],
    ),
  ];
}

/**
 * Begins a Parquet file, which appears under its name when it is committed.
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} as its functions do
 */
export async function createParquetFile(
  path: string,
  columns: readonly (ParquetColumn | ParquetList)[],
  { groupSize = 20_000, open, notes }: ParquetOptions = {},
): Promise<ParquetFile> {
  const part = await openPart(path, { open, replacesKilled: true });
  const bytes = new ByteWriter();
  const hash = createHash("sha256");
  const writer = new ParquetWriter({
    writer: bytes,
    schema: schemaOf(columns),
    createdBy,
    // An empty list would be written as one of bytes, and readers in Rust refuse the file.
    ...(notes === undefined ? {} : { kvMetadata: Object.entries(notes).map(([key, value]) => ({ key, value })) }),
  });
  let held: ParquetRow[] = [];
  let [inGroup, rows] = [0, 0];
  const drain = async (): Promise<void> => {
    const chunk = bytes.getBytes();
    hash.update(chunk);
    await part.write(chunk);
    bytes.index = 0;
  };
  const flush = async (): Promise<void> => {
    const columnData = columns.map(({ name }) => ({ name, data: held.map((row) => row[name] ?? null) }));
    void writer.write({ columnData, rowGroupSize: held.length });
    rows += held.length;
    [held, inGroup] = [[], 0];
    await drain();
  };
  return {
    async write(row) {
      held.push(row);
      inGroup += 1 + columns.reduce((sum, { name }) => sum + (Array.isArray(row[name]) ? row[name].length : 0), 0);
      if (inGroup >= groupSize) await flush();
    },
    async commit() {
      try {
        if (held.length > 0) await flush();
        void writer.finish();
        if (rows === 0) nameEmptyList(bytes.getBytes());
        await drain();
      } catch (error) {
        // A table without its end is none.
        await part.remove();
        throw error;
      }
      await part.commit();
      return { bytes: bytes.offset, sha256: hash.digest("hex"), rows };
    },
    abandon: () => part.remove(),
  };
}

/**
 * Without rows there are no groups, and the footer's list of them is written as one of elements without a type. Readers in Rust want the
 * type to be that of a struct, also where there is no element.
 */
function nameEmptyList(file: Uint8Array): void {
  // Thrift's compact protocol: the next field is a list; it has no element, of no type; the field behind the next is so many bytes.
  const field = Buffer.from([0x19, 0x00, 0x28, createdBy.length, ...Buffer.from(createdBy)]);
  const at = Buffer.from(file.buffer, file.byteOffset, file.byteLength).lastIndexOf(field);
  if (at >= 0) file[at + 1] = 0x0c;
}
