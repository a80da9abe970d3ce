import { type FileHandle, open } from "node:fs/promises";
import { type ProgressListener, throwIfAborted } from "../core/index.ts";
import { writeFailure } from "./failures.node.ts";
import { waitForFileLock, type WaitForLockOptions } from "./file-lock.node.ts";
import { pathKind, readLines } from "./read.node.ts";
import { endTornLine } from "./write.node.ts";

/**
 * What was computed of pictures, kept by their content in a file of lines, so that it is computed once: an interrupted run goes on where it was,
 * and of two at once the second finds done what the first did.
 */
export interface KeptLines<Value> {
  readonly path: string;
  /** The SHA-256 and the value of a line; throws for what is no such line. */
  readonly parse: (line: string) => readonly [string, Value];
  readonly format: (sha256: string, value: Value) => string;
}

/** What is kept so far, by SHA-256. A line that a killed process left half written is passed over. */
export async function readKept<Value>({ path, parse }: KeptLines<Value>): Promise<Map<string, Value>> {
  const kept = new Map<string, Value>();
  if ((await pathKind(path)) !== "file") return kept;
  for await (const line of readLines(path)) {
    try {
      kept.set(...parse(line));
    } catch {
      // Its picture is looked at again.
    }
  }
  return kept;
}

export interface CompleteOptions {
  /** What the progress calls the work. */
  readonly stage: string;
  /** Items between two writes. */
  readonly batchSize: number;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Adds what is missing, one process at a time.
 * @param compute the values of some items, in their order; undefined for one that has none now, which the next run tries again
 * @returns all that is kept, by SHA-256
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE | TF_ABORTED} what was done before is kept
 * @throws {TF_FOLDER_BUSY} when another process that computes has stopped going on
 */
export async function completeKept<Item extends { readonly sha256: string }, Value>(
  kept: KeptLines<Value>,
  items: readonly Item[],
  compute: (batch: readonly Item[]) => Promise<readonly (Value | undefined)[]>,
  options: CompleteOptions,
): Promise<ReadonlyMap<string, Value>> {
  const values = await readKept(kept);
  return items.every(({ sha256 }) => values.has(sha256)) ? values : addMissing(kept, items, compute, options);
}

async function addMissing<Item extends { readonly sha256: string }, Value>(
  kept: KeptLines<Value>,
  items: readonly Item[],
  compute: (batch: readonly Item[]) => Promise<readonly (Value | undefined)[]>,
  { stage, batchSize, onProgress, signal }: CompleteOptions,
): Promise<ReadonlyMap<string, Value>> {
  await using file = await openKept(kept, { onProgress, signal });
  const { values } = file;
  const missing = [...new Map(items.filter(({ sha256 }) => !values.has(sha256)).map((item) => [item.sha256, item])).values()];
  for (let start = 0; start < missing.length; start += batchSize) {
    throwIfAborted(signal);
    const batch = missing.slice(start, start + batchSize);
    const computed = await compute(batch);
    await file.add(
      batch.flatMap(({ sha256 }, index) => {
        const value = computed[index];
        return value === undefined ? [] : [[sha256, value] as const];
      }),
    );
    onProgress?.({ stage, done: start + batch.length, total: missing.length });
  }
  return values;
}

/** A file of kept values that this process alone adds to. */
export interface KeptFile<Value> extends AsyncDisposable {
  /** All that is kept, by SHA-256. */
  readonly values: ReadonlyMap<string, Value>;
  /** @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} */
  add(entries: readonly (readonly [sha256: string, value: Value])[]): Promise<void>;
}

/**
 * Opens a file of kept values to add to it, as soon as no other process does.
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE | TF_ABORTED}
 * @throws {TF_FOLDER_BUSY} when another process that adds has stopped going on
 */
export async function openKept<Value>(kept: KeptLines<Value>, options: WaitForLockOptions = {}): Promise<KeptFile<Value>> {
  const { path, format } = kept;
  const guarded = async <Result>(write: Promise<Result>): Promise<Result> =>
    write.catch((error: unknown) => {
      throw writeFailure(error, path);
    });
  const lock = await waitForFileLock(path, options);
  // Opened when there is something to add.
  let file: FileHandle | undefined;
  const values = await readKept(kept).catch(async (error: unknown) => {
    await lock[Symbol.asyncDispose]();
    throw error;
  });
  return {
    values,
    async add(entries) {
      if (entries.length === 0) return lock.touch();
      if (file === undefined) {
        file = await guarded(open(path, "a+"));
        await guarded(endTornLine(file));
      }
      await guarded(file.appendFile(entries.map(([sha256, value]) => `${format(sha256, value)}\n`).join("")));
      for (const [sha256, value] of entries) values.set(sha256, value);
      await lock.touch();
    },
    async [Symbol.asyncDispose]() {
      try {
        await file?.close();
      } finally {
        await lock[Symbol.asyncDispose]();
      }
    },
  };
}
