import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { writeFailure } from "./failures.node.ts";
import { putInPlace } from "./put-in-place.node.ts";

/** A file that is written in large pieces, and appears under its name only when it is whole. */
export interface AtomicWriter {
  write(text: string): Promise<void>;
  /** Flushes to the disk and puts the file in place of an old one. */
  commit(): Promise<void>;
  /** Forgets what was written. */
  abandon(): Promise<void>;
}

const flushLength = 1 << 18;

/**
 * Writes `path` by way of `path.partial`, so that a killed process never leaves half a file under the real name.
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE}
 */
export async function createAtomicWriter(path: string): Promise<AtomicWriter> {
  const partial = `${path}.partial`;
  const file = await open(partial, "w").catch((error: unknown) => {
    throw writeFailure(error, dirname(path));
  });
  let pending: string[] = [];
  let length = 0;
  const flush = async (): Promise<void> => {
    const text = pending.join("");
    pending = [];
    length = 0;
    if (text !== "") await file.appendFile(text);
  };
  const guarded = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      await file.close().catch(() => undefined);
      throw writeFailure(error, path);
    }
  };
  return {
    write: (text) => {
      pending.push(text);
      length += text.length;
      return length < flushLength ? Promise.resolve() : guarded(flush);
    },
    commit: () =>
      guarded(async () => {
        await flush();
        await file.sync();
        await file.close();
        await putInPlace(partial, path);
      }),
    abandon: () => file.close().catch(() => undefined),
  };
}

/** Writes a whole text file at once, all or nothing. @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} */
export async function writeTextFile(path: string, text: string): Promise<void> {
  const writer = await createAtomicWriter(path);
  await writer.write(text);
  await writer.commit();
}
