import { createWriteStream } from "node:fs";
import { lstat, mkdir, open, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { finished } from "node:stream/promises";
import { TensorFaceError } from "../core/index.ts";
import { putInPlace } from "../files/put-in-place.node.ts";

/** Where results go. */
export interface TextSink {
  /** Resolves when more may be written: a slow reader slows the run down instead of filling memory. */
  write(text: string): Promise<void>;
  /** Everything is written: the file gets its name. */
  finish(): Promise<void>;
  /** Takes back what was not finished. */
  discard(): Promise<void>;
}

/**
 * Writes to a stream that is not ours to close: standard output. The end of its reader (`| head`) is no failure.
 * @param name what messages call it
 * @throws {TF_OUTPUT_FULL} when the disk behind it is full; {TF_OUTPUT_UNWRITABLE} when it fails otherwise
 */
export function createStreamSink(stream: NodeJS.WritableStream, name = "standard output"): TextSink {
  // Whoever writes hears of it in the callback; without a listener the process would end by it.
  const listener = (): void => {};
  stream.on("error", listener);
  const release = async (): Promise<void> => void stream.off("error", listener);
  return {
    write: async (text) => {
      if (text === "") return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      stream.write(text, (error) => (error && !isAbandoned(error) ? reject(cannotWrite(name, error)) : resolve()));
      await promise;
    },
    finish: release,
    discard: release,
  };
}

/** Whether nobody reads the stream any more. */
export function isAbandoned(error: Error): boolean {
  return "code" in error && error.code === "EPIPE";
}

/**
 * Writes to a file beside `path` that takes its name in {@link TextSink.finish}: whoever reads `path` sees the old
 * content or the whole new one. Where it cannot take its name it is kept, and the error's hint names it.
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
  const inner = createStreamSink(stream, path);
  let isWhole = false;
  return {
    write: async (text) => inner.write(text),
    finish: async () => {
      try {
        stream.end();
        await finished(stream);
        isWhole = true;
        await putInPlace(part, path);
      } catch (cause) {
        throw cannotWrite(path, cause, isWhole ? `The results are in "${part}".` : undefined);
      }
    },
    discard: async () => {
      stream.destroy();
      if (!isWhole) await rm(part, { force: true });
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
    await putInPlace(part, path);
  } catch (cause) {
    await rm(part, { force: true }).catch(() => {});
    throw cannotWrite(path, cause);
  }
}

/**
 * Writes a file under the first of the names that is free or may be replaced; everything else that has a name already is left alone.
 * @param nextName another name in the same folder at each call
 * @param mayReplace whether what has the name may go
 * @throws {TF_OUTPUT_UNWRITABLE} when it cannot be written; {TF_OUTPUT_FULL} when the disk is full
 */
export async function writeNewFile(
  nextName: () => string,
  data: Uint8Array,
  mayReplace: (path: string) => Promise<boolean>,
): Promise<void> {
  let path = nextName();
  const part = partName(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(part, data);
    while (!(await reserve(path)) && !(await isReplaceable(path, mayReplace))) path = nextName();
    await putInPlace(part, path);
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

/** A link is never replaced: what it leads to may be anybody's. */
async function isReplaceable(path: string, mayReplace: (path: string) => Promise<boolean>): Promise<boolean> {
  return (await lstat(path)).isFile() && (await mayReplace(path));
}

/** Any failure of writing as one of ours. */
export function cannotWrite(name: string, cause: unknown, hint?: string): TensorFaceError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const isFull = cause instanceof Error && "code" in cause && (cause.code === "ENOSPC" || cause.code === "EDQUOT");
  const options = hint === undefined ? { cause } : { cause, hint };
  return new TensorFaceError(isFull ? "TF_OUTPUT_FULL" : "TF_OUTPUT_UNWRITABLE", `cannot write "${name}": ${reason}`, options);
}
