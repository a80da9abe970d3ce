import { extname, resolve } from "node:path";
import { counted, nounFor, type ProgressListener, TensorFaceError, throwIfAborted } from "../../core/index.ts";
import { openPlan, type OpenPlan } from "../plan/plan-file.ts";
import { openLedger } from "./ledger.ts";
import { createParquetFile, type ParquetColumn, type ParquetFile, type ParquetList, type ParquetRow } from "./parquet.ts";
import { readTable, readTableColumns } from "./read-table.ts";
import { facesColumn } from "./table.ts";
import { problemOf } from "./verify.ts";

export interface MergeOptions {
  /** `pictures`: a row a picture, its faces in a list. `faces`: a row a face, the picture's columns before its own. @default "pictures" */
  readonly rows?: (typeof mergeRows)[number] | undefined;
  /** Merges what there is, where shards are missing. @default false */
  readonly partial?: boolean | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

export const mergeRows = ["pictures", "faces"] as const;

export interface MergeResult {
  readonly rows: number;
  readonly shards: number;
}

/**
 * Puts the tables of all shards together into one file, in the order of the plan.
 * @param out a Parquet file, and called one
 * @throws {TF_INVALID_ARGUMENT} when `out` is called something else, or is the table of a shard
 * @throws {TF_OUTPUT_UNFINISHED} when shards are missing, and nobody said that this is fine
 * @throws {TF_BULK_DAMAGED} when a table is not as it was written: what can be read of it may be anything
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE | TF_ABORTED}
 */
export async function mergeResults(path: string, out: string, options: MergeOptions = {}): Promise<MergeResult> {
  const { rows = "pictures", partial = false, onProgress, signal } = options;
  if (extname(out).toLowerCase() !== ".parquet")
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `the merged table is a Parquet file, and "${out}" is not called one`, {
      hint: "Name it faces.parquet, say. DuckDB makes CSV of it: COPY 'faces.parquet' TO 'faces.csv'.",
    });
  const opened = await openPlan(path);
  const ledger = await openLedger(opened);
  const done = opened.shards.filter(({ shard }) => ledger.done.has(shard));
  requireWhole(opened, done.length, partial);
  if (opened.shards.some((shard) => resolve(opened.folder.result(shard)) === resolve(out)))
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `"${out}" is the table of a shard: it would be lost`, {
      hint: "Name another file with --out.",
    });
  const columns = await readTableColumns(opened.folder.result(done[0]!));
  const shape = rows === "faces" ? flatShape(columns) : { columns, rowsOf: (row: ParquetRow) => [row] };
  const file = await createParquetFile(out, shape.columns, { groupSize: 100_000 });
  try {
    for (const [index, shard] of done.entries()) {
      const why = await problemOf(opened, shard, ledger.done.get(shard.shard)!);
      if (why !== undefined) throw new TensorFaceError("TF_BULK_DAMAGED", `"${opened.folder.result(shard)}": ${why}`);
      await copyRows(opened.folder.result(shard), file, shape.rowsOf, signal);
      onProgress?.({ stage: "merge", done: index + 1, total: done.length });
    }
  } catch (error) {
    await file.abandon();
    throw error;
  }
  return { rows: (await file.commit()).rows, shards: done.length };
}

function requireWhole({ folder, shards }: OpenPlan, done: number, partial: boolean): void {
  if (done === shards.length || (partial && done > 0)) return;
  throw new TensorFaceError("TF_OUTPUT_UNFINISHED", `${done} of ${counted(shards.length, "shard")} ${nounFor(done, "is", "are")} done`, {
    hint: `Finish them first: tensorface bulk work ${folder.path}. --partial merges those that are done.`,
  });
}

// oxlint-disable-next-line max-params -- from where, to where, how, and until when
async function copyRows(path: string, file: ParquetFile, rowsOf: Shape["rowsOf"], signal: AbortSignal | undefined): Promise<void> {
  for await (const row of readTable(path)) {
    throwIfAborted(signal);
    for (const each of rowsOf(row)) await file.write(each);
  }
}

interface Shape {
  readonly columns: readonly (ParquetColumn | ParquetList)[];
  readonly rowsOf: (row: ParquetRow) => readonly ParquetRow[];
}

/** A row a face: the picture's own columns stand in each; errors have no face. */
function flatShape(columns: readonly (ParquetColumn | ParquetList)[]): Shape {
  const ofPicture = columns.filter((column): column is ParquetColumn => "type" in column && !column.name.startsWith("error_"));
  const list = columns.find((column): column is ParquetList => !("type" in column))!;
  return {
    columns: [...ofPicture, ...list.rows],
    rowsOf: (row) => {
      const picture = Object.fromEntries(ofPicture.map(({ name }) => [name, row[name] ?? null]));
      const faces = row[facesColumn];
      return typeof faces === "object" && faces !== null ? faces.map((face) => Object.assign({}, picture, face)) : [];
    },
  };
}
