import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { TensorFaceError } from "../../core/index.ts";
import { pathKind, readLines, readTextFile, writeFailure, writeInLockedFolder } from "../../files/files.node.ts";
import { faceLabelsSchema, type FaceRecord, faceRecordSchema } from "../record.ts";
import { datasetFormats, rejectionReasons, type SourceRow } from "./source-row.ts";

const requestSchema = z.strictObject({ format: z.enum(datasetFormats), source: z.string(), options: z.record(z.string(), z.unknown()) });
/** What an import was asked for: another request must not be mixed into its folder. */
export type ImportRequest = z.infer<typeof requestSchema>;

export const rejectionSchema = z.strictObject({
  row: z.string(),
  file: z.string().optional(),
  reason: z.enum(rejectionReasons),
  detail: z.string(),
  /** What the source says of a face whose picture is missing: its table can be had without the pictures. */
  face: z
    .strictObject({
      id: z.string(),
      labels: faceLabelsSchema,
      subjectId: z.string().optional(),
      officialSplit: z.string().optional(),
      fold: z.int().min(0).optional(),
    })
    .optional(),
});
/** One line of `rejections.jsonl`. */
export type Rejection = z.infer<typeof rejectionSchema>;

const entrySchema = z.union([
  z.strictObject({ n: z.int().min(0), key: z.string().regex(/^[0-9a-f]{16}$/), face: faceRecordSchema, notes: z.array(z.string()) }),
  z.strictObject({ n: z.int().min(0), key: z.string().regex(/^[0-9a-f]{16}$/), rejection: rejectionSchema }),
]);
/** One finished row of the source: its place, counted from 0, its {@link rowKey}, and what became of it. */
export type JournalEntry = z.infer<typeof entrySchema>;

/** What tells a row from another at its place: 64 bits of the SHA-256 of all it says, in hexadecimal digits. */
export function rowKey(row: SourceRow): string {
  const hash = createHash("sha256");
  if (row.kind === "rejection") hash.update(JSON.stringify(row));
  else {
    const { pixels, bytes, ...picture } = row.picture;
    const { grey, ...size } = pixels ?? {};
    hash.update(JSON.stringify({ ...row, picture: { ...picture, ...(pixels === undefined ? {} : { pixels: size }) } }));
    for (const content of [grey, bytes]) if (content !== undefined) hash.update(content);
  }
  return hash.digest("hex").slice(0, 16);
}

/** A set of row numbers, one bit each: a million rows take 125 kB. */
interface RowSet {
  has(row: number): boolean;
  add(row: number): void;
  delete(row: number): void;
}

function createRowSet(): RowSet {
  let bits = new Uint8Array(1 << 12);
  return {
    has: (row) => ((bits[row >> 3] ?? 0) & (1 << (row & 7))) !== 0,
    add(row) {
      if (row >> 3 >= bits.length) {
        const grown = new Uint8Array(Math.max(bits.length * 2, (row >> 3) + 1));
        grown.set(bits);
        bits = grown;
      }
      bits[row >> 3]! |= 1 << (row & 7);
    },
    delete(row) {
      if (row >> 3 < bits.length) bits[row >> 3]! &= ~(1 << (row & 7));
    },
  };
}

/** Which row stands at each place and whether it is finished: 8 bytes and a bit each. */
interface RowStates {
  /** Puts a row at a place; what is known of another row there is forgotten. @returns whether it is finished */
  put(n: number, key: string): boolean;
  /** Puts the row of an entry at its place, and notes what became of it. */
  note(entry: JournalEntry): void;
  /** Whether an entry has the last word on the row that stands at its place. */
  isCurrent(entry: JournalEntry): boolean;
}

function createRowStates(): RowStates {
  let keys = new BigUint64Array(1 << 12);
  const finished = createRowSet();
  const put = (n: number, key: string): boolean => {
    if (n >= keys.length) {
      const grown = new BigUint64Array(Math.max(keys.length * 2, n + 1));
      grown.set(keys);
      keys = grown;
    }
    if (keys[n] !== toBits(key)) finished.delete(n);
    keys[n] = toBits(key);
    return finished.has(n);
  };
  return {
    put,
    note(entry) {
      put(entry.n, entry.key);
      if (isFinal(entry)) finished.add(entry.n);
    },
    isCurrent: (entry) => keys[entry.n] === toBits(entry.key) && isFinal(entry) === finished.has(entry.n),
  };
}

function toBits(key: string): bigint {
  return BigInt(`0x${key}`);
}

/** The folder in which an unfinished import keeps what it has done. */
export interface Workspace {
  readonly folder: string;
  /**
   * Says which row the source has at place `n` now, for every row in order. What an earlier run did with another row there counts
   * no more, so that a source may change between a stop and the next run.
   * @returns whether it need not be looked at again; a missing picture is looked at again
   */
  meet(n: number, key: string): boolean;
  append(entries: readonly JournalEntry[]): Promise<void>;
  /** What became of each row that was met, once, in no certain order. */
  entries(): AsyncGenerator<JournalEntry>;
  /** The pictures of every face that this import or an interrupted run of it has taken, whatever became of its row since. */
  taken(): AsyncGenerator<FaceRecord>;
  /** Notes the SHA-256 of the manifest that is about to be put in place: see {@link readNotedManifest}. */
  noteManifest(sha256: string): Promise<void>;
  /** Lets go of the folder and keeps it for the next run. */
  close(): Promise<void>;
  /** Removes the folder: the import is finished. */
  remove(): Promise<void>;
}

const workspaceFolder = ".import";
const requestFile = "request.json";
const notedFile = "manifest.sha256";

/** The SHA-256 of the manifest that the same import was putting in place when it broke off; undefined where it did not come so far. */
export async function readNotedManifest(out: string, request: ImportRequest): Promise<string | undefined> {
  const begun = await readRequest(join(out, workspaceFolder, requestFile));
  const path = join(out, workspaceFolder, notedFile);
  const isSame = begun !== undefined && isSameRequest(begun, request);
  return isSame && (await pathKind(path)) === "file" ? readTextFile(path) : undefined;
}

function isSameRequest(a: ImportRequest, b: ImportRequest): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

async function readRequest(path: string): Promise<ImportRequest | undefined> {
  if ((await pathKind(path)) === "none") return undefined;
  try {
    return requestSchema.parse(JSON.parse(await readTextFile(path)));
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

async function readStates(path: string): Promise<RowStates> {
  const states = createRowStates();
  if ((await pathKind(path)) !== "file") return states;
  for await (const line of readLines(path)) {
    const entry = parseEntry(line);
    if (entry !== undefined) states.note(entry);
  }
  return states;
}

/** The entries of the first `count` rows. */
async function* readEntries(path: string, states: RowStates, count: number): AsyncGenerator<JournalEntry> {
  const given = createRowSet();
  for await (const line of readLines(path)) {
    const entry = parseEntry(line);
    if (entry === undefined || entry.n >= count || given.has(entry.n) || !states.isCurrent(entry)) continue;
    given.add(entry.n);
    yield entry;
  }
}

async function* readFaces(path: string): AsyncGenerator<FaceRecord> {
  for await (const line of readLines(path)) {
    const entry = parseEntry(line);
    if (entry !== undefined && "face" in entry) yield entry.face;
  }
}

/**
 * Opens the workspace of an import in `out`, a folder that the caller has locked, with whatever an interrupted run of the same request left there.
 * @throws {TF_DATASET_CONFLICT} when another request was begun there
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE}
 */
export async function openWorkspace(out: string, request: ImportRequest): Promise<Workspace> {
  const folder = join(out, workspaceFolder);
  const requestPath = join(folder, requestFile);
  const journalPath = join(folder, "rows.jsonl");
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error, out);
  });
  const begun = await readRequest(requestPath);
  if (begun !== undefined && !isSameRequest(begun, request)) {
    const theirs = `${begun.format} from "${begun.source}" with ${JSON.stringify(begun.options)}`;
    throw new TensorFaceError("TF_DATASET_CONFLICT", `"${out}" holds an unfinished import of ${theirs}`, {
      hint: "Finish that import with its own command, choose another output folder, or remove this one.",
    });
  }
  if (begun === undefined) {
    await rm(journalPath, { force: true });
    await writeInLockedFolder(requestPath, JSON.stringify(request));
  }
  await dropTornLine(journalPath);
  const states = await readStates(journalPath);
  let count = 0;
  const journal: FileHandle = await open(journalPath, "a").catch((error: unknown) => {
    throw writeFailure(error, journalPath);
  });
  const close = async (): Promise<void> => {
    await journal.close().catch(() => undefined);
  };
  return {
    folder,
    meet(n, key) {
      count = n + 1;
      return states.put(n, key);
    },
    async append(entries) {
      try {
        await journal.appendFile(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
      } catch (error) {
        throw writeFailure(error, journalPath);
      }
      for (const entry of entries) states.note(entry);
    },
    entries: () => readEntries(journalPath, states, count),
    taken: () => readFaces(journalPath),
    noteManifest: (sha256) => writeInLockedFolder(join(folder, notedFile), sha256),
    close,
    async remove() {
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
