import { randomUUID } from "node:crypto";
import { open, readFile, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ProgressListener, TensorFaceError, throwIfAborted } from "../core/index.ts";
import { errnoOf, writeFailure } from "./failures.node.ts";
import { beginningOf, isRunning } from "./process.node.ts";
import { nameBeside } from "./write.node.ts";

/**
 * Locks between the processes of one machine: a file that holds its owner's number. A lock whose owner has died is taken over.
 *
 * The file is made exclusively and written then, so it is empty for a moment. A dead owner's is removed under a second, short lock
 * and read again there: nobody removes a lock that somebody else has just taken.
 */
export interface FileLock extends AsyncDisposable {
  /** Tells those who wait that the work goes on. */
  touch(): Promise<void>;
}

/** Tells the locks of this process from those that an earlier one with the same number left, as in a container. */
const instance = randomUUID();
/** After so long a lock without a number is one whose maker died, ms. */
const writingLimit = 10_000;
/** After so long without a touch an owner is not waited for any longer, ms. */
const idleLimit = 600_000;
/** Between two looks of one who waits, ms. */
const pause = 200;

/** Who has a lock: a process that lives, somebody who is just taking it (undefined), or nobody any more. */
type Holder = { readonly isAlive: true; readonly pid: number | undefined } | { readonly isAlive: false };

/**
 * Takes a lock, or tells who has it.
 * @returns `holder` is the number of that process; undefined while the lock changes hands
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE}
 */
export async function tryLock(path: string): Promise<{ readonly lock: FileLock } | { readonly holder: number | undefined }> {
  if (await create(path)) return { lock: lockAt(path) };
  const holder = await readHolder(path);
  if (holder.isAlive) return { holder: holder.pid };
  await removeDead(path);
  return (await create(path)) ? { lock: lockAt(path) } : { holder: undefined };
}

/**
 * Takes a lock, or refuses.
 * @throws {TF_FOLDER_BUSY} when another has it
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE}
 */
export async function takeLock(path: string): Promise<FileLock> {
  const taken = await tryLock(path);
  if ("lock" in taken) return taken.lock;
  throw new TensorFaceError("TF_FOLDER_BUSY", `${nameOf(taken.holder)} is at work here: it holds "${path}"`);
}

/** The one lock of whoever changes what lies in a folder: an import, a split, a training. @throws as {@link takeLock} */
export function lockFolder(folder: string): Promise<FileLock> {
  return takeLock(join(folder, ".tensorface-lock"));
}

/** The lock of whoever writes one file beside which others may be written: results, decisions. @throws as {@link takeLock} */
export function lockFile(path: string): Promise<FileLock> {
  return takeLock(nameBeside(path, ".", ".lock"));
}

export interface WaitForLockOptions {
  /** Is told who is waited for. */
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Takes a lock as soon as nobody has it.
 * @throws {TF_FOLDER_BUSY} when its owner lives but has done nothing for ten minutes
 * @throws {TF_ABORTED | TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE}
 */
export async function waitForLock(path: string, { onProgress, signal }: WaitForLockOptions = {}): Promise<FileLock> {
  for (;;) {
    throwIfAborted(signal);
    const taken = await tryLock(path);
    if ("lock" in taken) return taken.lock;
    if ((await ageOf(path)) > idleLimit) {
      throw new TensorFaceError("TF_FOLDER_BUSY", `${nameOf(taken.holder)} holds "${path}" and has not gone on for ten minutes`, {
        hint: "If no other `tensorface` is at work there, remove that file.",
      });
    }
    if (taken.holder !== undefined) onProgress?.({ stage: `wait for process ${taken.holder}`, done: 0 });
    await sleep(pause);
  }
}

/** The lock of {@link lockFile}, as soon as nobody has it. @throws as {@link waitForLock} */
export function waitForFileLock(path: string, options?: WaitForLockOptions): Promise<FileLock> {
  return waitForLock(nameBeside(path, ".", ".lock"), options);
}

function nameOf(holder: number | undefined): string {
  return holder === undefined ? "another process" : `process ${holder}`;
}

/** Makes the file and writes whose it is; false when it is there. */
async function create(path: string): Promise<boolean> {
  const owner = `${process.pid} ${instance} ${await beginningOf(process.pid)}`;
  try {
    await using file = await open(path, "wx");
    try {
      await file.writeFile(owner);
    } catch (error) {
      // Without a number it would be waited for, and it is nobody's.
      await rm(path, { force: true });
      throw error;
    }
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw writeFailure(error, path);
  }
}

function lockAt(path: string): FileLock {
  return {
    touch: async () => {
      const now = new Date();
      await utimes(path, now, now).catch(() => undefined);
    },
    [Symbol.asyncDispose]: () => rm(path, { force: true }),
  };
}

async function readHolder(path: string): Promise<Holder> {
  const text = await readFile(path, "utf8").catch(() => "");
  const [number = "", owner, beginning] = text.split(" ");
  const pid = Number(number);
  if (!(pid > 0)) return (await ageOf(path)) > writingLimit ? { isAlive: false } : { isAlive: true, pid: undefined };
  const isOurs = pid === process.pid;
  return (isOurs ? owner === instance : await isRunning(pid, beginning)) ? { isAlive: true, pid } : { isAlive: false };
}

/** Since a file was last touched, ms; 0 when it is not there. */
async function ageOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  return found === undefined ? 0 : Date.now() - found.mtimeMs;
}

async function removeDead(path: string): Promise<void> {
  const guard = `${path}.takeover`;
  if (!(await create(guard))) {
    if ((await ageOf(guard)) > writingLimit) await rm(guard, { force: true });
    return;
  }
  try {
    if (!(await readHolder(path)).isAlive) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}
