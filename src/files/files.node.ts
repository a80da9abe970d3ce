import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { type ErrorCode, TensorFaceError } from "../core/index.ts";
import { putInPlace } from "./put-in-place.node.ts";

const writeCodes: Readonly<Record<string, ErrorCode>> = { ENOSPC: "TF_OUTPUT_FULL", EDQUOT: "TF_OUTPUT_FULL" };

/** The `code` that Node gives a file error: `ENOENT`, `EACCES`, ... */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** What a failed write means to a user: a full disk, or a place that cannot be written. Our own errors pass as they are. */
export function writeFailure(error: unknown, path: string): TensorFaceError {
  if (error instanceof TensorFaceError) return error;
  const errno = errnoOf(error);
  const code = (errno === undefined ? undefined : writeCodes[errno]) ?? "TF_OUTPUT_UNWRITABLE";
  return new TensorFaceError(code, `cannot write "${path}"${errno === undefined ? "" : ` (${errno})`}`, { cause: error });
}

/** What a failed read means to a user. Our own errors pass as they are. */
export function readFailure(error: unknown, path: string): TensorFaceError {
  if (error instanceof TensorFaceError) return error;
  const errno = errnoOf(error);
  const code = errno === "ENOENT" || errno === "ENOTDIR" ? "TF_INPUT_NOT_FOUND" : "TF_INPUT_UNREADABLE";
  return new TensorFaceError(code, `cannot read "${path}"${errno === undefined ? "" : ` (${errno})`}`, { cause: error });
}

/** What stands at a path. @throws {TF_INPUT_UNREADABLE} when it may not be looked at */
export async function pathKind(path: string): Promise<"file" | "folder" | "none"> {
  try {
    return (await stat(path)).isDirectory() ? "folder" : "file";
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return "none";
    throw readFailure(error, path);
  }
}

/** The names in a folder, sorted by code unit, so that every machine sees one order. A link to a folder is a folder. */
export async function sortedNames(folder: string): Promise<{ readonly name: string; readonly isFolder: boolean }[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const visible = entries.filter(({ name }) => !name.startsWith(".") && name !== "__MACOSX");
    const found = visible.map(async (entry) => ({
      name: entry.name,
      isFolder: entry.isDirectory() || (entry.isSymbolicLink() && (await leadsToFolder(join(folder, entry.name)))),
    }));
    return (await Promise.all(found)).sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
  } catch (error) {
    throw readFailure(error, folder);
  }
}

/** Whether a link leads to a folder; one that leads nowhere, or to itself, does not. */
async function leadsToFolder(link: string): Promise<boolean> {
  return (await stat(link).catch(() => undefined))?.isDirectory() === true;
}

/** The lines of a text file, one at a time, empty ones left out. @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE} */
export async function* readLines(path: string): AsyncGenerator<string> {
  let rest = "";
  try {
    for await (const chunk of createReadStream(path, { encoding: "utf8", highWaterMark: 1 << 18 })) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const text = line.endsWith("\r") ? line.slice(0, -1) : line;
        if (text !== "") yield text;
      }
    }
  } catch (error) {
    throw readFailure(error, path);
  }
  if (rest !== "") yield rest;
}

/** The SHA-256 of a file's bytes, in hexadecimal digits. @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE} */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(path)) hash.update(z.instanceof(Uint8Array).parse(chunk));
  } catch (error) {
    throw readFailure(error, path);
  }
  return hash.digest("hex");
}

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
