import { open } from "node:fs/promises";
import { type ProgressListener, throwIfAborted } from "../core/index.ts";
import { writeFailure } from "./failures.node.ts";
import { waitForFileLock } from "./file-lock.node.ts";
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
  const { path, format } = kept;
  const guarded = async <Result>(write: Promise<Result>): Promise<Result> =>
    write.catch((error: unknown) => {
      throw writeFailure(error, path);
    });
  await using lock = await waitForFileLock(path, { onProgress, signal });
  const values = await readKept(kept);
  const missing = [...new Map(items.filter(({ sha256 }) => !values.has(sha256)).map((item) => [item.sha256, item])).values()];
  if (missing.length === 0) return values;
  await using file = await guarded(open(path, "a+"));
  await guarded(endTornLine(file));
  for (let start = 0; start < missing.length; start += batchSize) {
    throwIfAborted(signal);
    const batch = missing.slice(start, start + batchSize);
    const lines: string[] = [];
    for (const [index, value] of (await compute(batch)).entries()) {
      if (value === undefined) continue;
      const { sha256 } = batch[index]!;
      values.set(sha256, value);
      lines.push(`${format(sha256, value)}\n`);
    }
    await guarded(file.appendFile(lines.join("")));
    await lock.touch();
    onProgress?.({ stage, done: start + batch.length, total: missing.length });
  }
  return values;
}
