import { type FileHandle, mkdir, open, readFile, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { TensorFaceError } from "../../core/index.ts";
import { takeLock } from "../file-lock.node.ts";
import { pathKind, readLines, writeFailure, writeTextFile } from "../files.node.ts";
import { faceRecordSchema } from "../record.ts";
import { datasetFormats, rejectionReasons } from "./source-row.ts";

const requestSchema = z.strictObject({ format: z.enum(datasetFormats), source: z.string(), options: z.record(z.string(), z.unknown()) });
/** What an import was asked for: another request must not be mixed into its folder. */
export type ImportRequest = z.infer<typeof requestSchema>;

export const rejectionSchema = z.strictObject({
  row: z.string(),
  file: z.string().optional(),
  reason: z.enum(rejectionReasons),
  detail: z.string(),
});
/** One line of `rejections.jsonl`. */
export type Rejection = z.infer<typeof rejectionSchema>;

const entrySchema = z.union([
  z.strictObject({ n: z.int(), face: faceRecordSchema, notes: z.array(z.string()) }),
  z.strictObject({ n: z.int(), rejection: rejectionSchema }),
]);
/** One finished row of the source, `n` counted from 0. */
export type JournalEntry = z.infer<typeof entrySchema>;

/** A set of row numbers, one bit each: a million rows take 125 kB. */
export interface RowSet {
  has(row: number): boolean;
  add(row: number): void;
  readonly size: number;
}

export function createRowSet(): RowSet {
  let bits = new Uint8Array(1 << 12);
  let size = 0;
  return {
    has: (row) => ((bits[row >> 3] ?? 0) & (1 << (row & 7))) !== 0,
    add(row) {
      if (row >> 3 >= bits.length) {
        const grown = new Uint8Array(Math.max(bits.length * 2, (row >> 3) + 1));
        grown.set(bits);
        bits = grown;
      }
      if ((bits[row >> 3]! & (1 << (row & 7))) === 0) size++;
      bits[row >> 3]! |= 1 << (row & 7);
    },
    get size() {
      return size;
    },
  };
}

/** The folder in which an unfinished import keeps what it has done. */
export interface Workspace {
  readonly folder: string;
  /** Rows that need not be looked at again; a missing picture is looked at again. */
  readonly done: RowSet;
  append(entries: readonly JournalEntry[]): Promise<void>;
  /** Everything that was appended, in order; of a row that was looked at again the last word alone. */
  entries(): AsyncGenerator<JournalEntry>;
  /** Lets go of the folder and keeps it for the next run. */
  close(): Promise<void>;
  /** Removes the folder: the import is finished. */
  remove(): Promise<void>;
}

async function readRequest(path: string): Promise<ImportRequest | undefined> {
  if ((await pathKind(path)) === "none") return undefined;
  try {
    return requestSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}

function parseEntry(line: string): JournalEntry | undefined {
  try {
    return entrySchema.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/** Cuts a half-written last line off, as a killed process leaves it. */
async function dropTornLine(path: string): Promise<void> {
  if ((await pathKind(path)) !== "file") return;
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    let end = size;
    const block = Buffer.alloc(1 << 16);
    while (end > 0) {
      const start = Math.max(0, end - block.length);
      await file.read(block, 0, end - start, start);
      const last = block.subarray(0, end - start).lastIndexOf(10);
      if (last >= 0) {
        if (start + last + 1 < size) await truncate(path, start + last + 1);
        return;
      }
      end = start;
    }
    if (size > 0) await truncate(path, 0);
  } finally {
    await file.close();
  }
}

function isFinal(entry: JournalEntry): boolean {
  return !("rejection" in entry) || entry.rejection.reason !== "missing-picture";
}

async function readDone(path: string): Promise<RowSet> {
  const done = createRowSet();
  if ((await pathKind(path)) !== "file") return done;
  for await (const line of readLines(path)) {
    const entry = parseEntry(line);
    if (entry !== undefined && isFinal(entry)) done.add(entry.n);
  }
  return done;
}

async function* readEntries(path: string, done: RowSet): AsyncGenerator<JournalEntry> {
  const missing = createRowSet();
  for await (const line of readLines(path)) {
    const entry = parseEntry(line);
    if (entry === undefined) continue;
    if (!isFinal(entry)) {
      if (done.has(entry.n) || missing.has(entry.n)) continue;
      missing.add(entry.n);
    }
    yield entry;
  }
}

/**
 * Opens the workspace of an import in `out`, with whatever an interrupted run of the same request left there.
 * @throws {TF_DATASET_CONFLICT} when another request was begun there, or another process is at it
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE}
 */
export async function openWorkspace(out: string, request: ImportRequest): Promise<Workspace> {
  const folder = join(out, ".import");
  const requestPath = join(folder, "request.json");
  const journalPath = join(folder, "rows.jsonl");
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error, out);
  });
  const begun = await readRequest(requestPath);
  if (begun !== undefined && JSON.stringify(begun) !== JSON.stringify(request)) {
    const theirs = `${begun.format} from "${begun.source}" with ${JSON.stringify(begun.options)}`;
    throw new TensorFaceError("TF_DATASET_CONFLICT", `"${out}" holds an unfinished import of ${theirs}`, {
      hint: "Finish that import with its own command, choose another output folder, or remove this one.",
    });
  }
  const lock = await takeLock(join(folder, "lock"));
  if (begun === undefined) {
    await rm(journalPath, { force: true });
    await writeTextFile(requestPath, JSON.stringify(request));
  }
  await dropTornLine(journalPath);
  const done = await readDone(journalPath);
  const journal: FileHandle = await open(journalPath, "a").catch((error: unknown) => {
    throw writeFailure(error, journalPath);
  });
  const close = async (): Promise<void> => {
    await journal.close().catch(() => undefined);
    await lock[Symbol.asyncDispose]();
  };
  return {
    folder,
    done,
    async append(entries) {
      try {
        await journal.appendFile(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
      } catch (error) {
        throw writeFailure(error, journalPath);
      }
      for (const entry of entries) if (isFinal(entry)) done.add(entry.n);
    },
    entries: () => readEntries(journalPath, done),
    close,
    async remove() {
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
