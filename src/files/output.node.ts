import { lstat, open, rm } from "node:fs/promises";
import { nameBeside, openPart, type PartOptions, writeFailure } from "./files.node.ts";

/** Where results go. */
export interface TextSink {
  /** Resolves when more may be written: a slow reader slows the run down instead of filling memory. */
  write(text: string): Promise<void>;
  /** Everything is written: the file gets its name. */
  finish(): Promise<void>;
  /** Ends before everything is written. @returns the file in which it is kept; undefined where nothing is */
  leave(): Promise<string | undefined>;
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
  const release = async (): Promise<undefined> => void stream.off("error", listener);
  return {
    write: async (text) => {
      if (text === "") return;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      stream.write(text, (error) => (error && !isAbandoned(error) ? reject(writeFailure(error, name)) : resolve()));
      await promise;
    },
    finish: release,
    leave: release,
  };
}

/** Whether nobody reads the stream any more. */
export function isAbandoned(error: Error): boolean {
  return "code" in error && error.code === "EPIPE";
}

/** Where results stand until all of them are there: `faces.csv.part`, in plain sight and the same for every run. */
export function partOf(path: string): string {
  return nameBeside(path, "", ".part");
}

/**
 * Writes to {@link partOf} a file, which takes its name in {@link TextSink.finish}: whoever reads `path` sees the old content or the whole
 * new one. What is written is never lost: a killed run leaves its part, and so does one that fails.
 * @throws {TF_OUTPUT_UNWRITABLE} when the folder cannot be written; {TF_OUTPUT_FULL} when the disk is full
 */
export async function createFileSink(path: string, options: Omit<PartOptions, "part"> = {}): Promise<TextSink> {
  const part = await openPart(path, { ...options, part: partOf(path) });
  let isEmpty = options.append !== true;
  return {
    write: async (text) => {
      if (text === "") return;
      await part.write(text);
      isEmpty = false;
    },
    finish: () => part.commit(),
    leave: async () => {
      await (isEmpty ? part.remove() : part.leave());
      return isEmpty ? undefined : part.path;
    },
  };
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
  options?: Pick<PartOptions, "open">,
): Promise<void> {
  let path = nextName();
  let isReserved = false;
  const part = await openPart(path, options);
  try {
    await part.write(data);
    // Before it has a name, which is empty until the file takes it: disks take their time.
    await part.flush();
    while (!(isReserved = await reserve(path)) && !(await isReplaceable(path, mayReplace))) path = nextName();
  } catch (error) {
    await part.remove();
    throw writeFailure(error, path);
  }
  try {
    await part.commit(path);
  } catch (error) {
    if (isReserved) await rm(path, { force: true });
    throw error;
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

/** A link is never replaced: what it leads to may be anybody's. */
async function isReplaceable(path: string, mayReplace: (path: string) => Promise<boolean>): Promise<boolean> {
  return (await lstat(path)).isFile() && (await mayReplace(path));
}
