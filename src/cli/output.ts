import { createWriteStream } from "node:fs";
import { mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { TensorFaceError } from "../core/index.ts";

/** Where results go. */
export interface TextSink {
  /** Resolves when more may be written: a slow reader slows the run down instead of filling memory. */
  write(text: string): Promise<void>;
  /** Everything is written: the file gets its name. */
  finish(): Promise<void>;
  /** Takes back what was not finished. */
  discard(): Promise<void>;
}

/** Writes to a stream that is not ours to close: standard output. */
export function createStreamSink(stream: NodeJS.WritableStream): TextSink {
  return {
    write: (text) =>
      text === ""
        ? Promise.resolve()
        : new Promise((resolve) => {
            if (stream.write(text)) resolve();
            else stream.once("drain", resolve);
          }),
    finish: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  };
}

/**
 * Writes to a file beside `path` that takes its name in {@link TextSink.finish}: whoever reads `path` sees the old
 * content or the whole new one.
 * @throws {TF_OUTPUT_UNWRITABLE} when the folder cannot be written; {TF_OUTPUT_FULL} when the disk is full
 */
export async function createFileSink(path: string): Promise<TextSink> {
  const part = partName(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    await (await open(part, "w")).close();
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
  const stream = createWriteStream(part, { encoding: "utf8" });
  const failure = new Promise<never>((_, reject) => stream.once("error", (cause) => reject(cannotWrite(path, cause))));
  failure.catch(() => {});
  const inner = createStreamSink(stream);
  const close = (): Promise<void> => new Promise((resolve) => void stream.end(resolve));
  return {
    write: (text) => Promise.race([inner.write(text), failure]),
    finish: async () => {
      await Promise.race([close(), failure]);
      await rename(part, path);
    },
    discard: async () => {
      stream.destroy();
      await rm(part, { force: true });
    },
  };
}

/**
 * Writes a file at once, or not at all.
 * @throws {TF_OUTPUT_UNWRITABLE} when it cannot be written; {TF_OUTPUT_FULL} when the disk is full
 */
export async function writeFileAtomic(path: string, data: Uint8Array | string): Promise<void> {
  const part = partName(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(part, data);
    await rename(part, path);
  } catch (cause) {
    await rm(part, { force: true }).catch(() => {});
    throw cannotWrite(path, cause);
  }
}

/**
 * Writes a file under the first of the names that is free; what has a name already, this run's or not, is left alone.
 * @param nextName another name in the same folder at each call
 * @throws {TF_OUTPUT_UNWRITABLE} when it cannot be written; {TF_OUTPUT_FULL} when the disk is full
 */
export async function writeNewFile(nextName: () => string, data: Uint8Array): Promise<void> {
  let path = nextName();
  const part = partName(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(part, data);
    while (!(await reserve(path))) path = nextName();
    await rename(part, path);
  } catch (cause) {
    await rm(part, { force: true }).catch(() => {});
    throw cannotWrite(path, cause);
  }
}

/** Makes an empty file, or tells that something is there: not even a link is followed. A hard link would do it too, but not on every disk. */
async function reserve(path: string): Promise<boolean> {
  try {
    await (await open(path, "wx")).close();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Hidden, beside the target, and different for every process. */
function partName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.part`);
}

function cannotWrite(path: string, cause: unknown): TensorFaceError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const isFull = cause instanceof Error && "code" in cause && cause.code === "ENOSPC";
  return new TensorFaceError(isFull ? "TF_OUTPUT_FULL" : "TF_OUTPUT_UNWRITABLE", `cannot write "${path}": ${reason}`, { cause });
}
