import { createHash } from "node:crypto";
import { constants, openSync, type Stats } from "node:fs";
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { z } from "zod";
import { TensorFaceError, throwIfAborted } from "../core/index.ts";
import { errnoOf, readFailure } from "./failures.node.ts";

/**
 * One rule for reading what walks, globs, imports and manifests find: it is a path and never an address, it is looked at before it is
 * opened, it must be a regular file within a limit, and no more than the limit is read, whatever it has become meanwhile.
 */

export interface ReadLimits {
  /** Larger files are refused before a byte is read, and as soon as they have grown so large. */
  readonly maxBytes: number;
  /** What messages call the file. @default its path */
  readonly name?: string | undefined;
  /** Throws for too many bytes. @default TF_INPUT_TOO_LARGE */
  readonly checkBytes?: ((bytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A regular file that is open for reading. */
export interface OpenFile extends AsyncDisposable {
  readonly handle: FileHandle;
  /** Bytes when it was opened. */
  readonly size: number;
}

/** Text files that are read whole: descriptions, settings, reports. */
const textLimit = 1 << 26;
/** Characters of the longest line: a line of a million numbers. */
const lineLimit = 1 << 24;
const pieceBytes = 1 << 22;
/** Opening a pipe for reading waits for its writer, unless it is opened so; a file does not notice. */
const openFlags = constants.O_RDONLY | (process.platform === "win32" ? 0 : constants.O_NONBLOCK);

/**
 * Opens a file that nobody named by itself.
 * @param name what messages call it
 * @throws {TF_INPUT_NOT_FOUND} when it is not there
 * @throws {TF_INPUT_UNREADABLE} when it may not be read, or is a folder, a pipe, a socket or a device
 */
export async function openRegularFile(path: string, name: string = path): Promise<OpenFile> {
  try {
    // Looked at before: opening a device may do something. And after: it may have been replaced meanwhile.
    requireRegular(await stat(path), name);
    const handle = await open(path, openFlags);
    try {
      const status = await handle.stat();
      requireRegular(status, name);
      return { handle, size: status.size, [Symbol.asyncDispose]: () => handle.close() };
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    throw readFailure(error, name);
  }
}

function requireRegular(status: Stats, name: string): void {
  if (status.isFile()) return;
  throw new TensorFaceError("TF_INPUT_UNREADABLE", `"${name}" is ${kindOf(status)}, no file`, {
    hint: "Files in folders, globs, tables and manifests must be regular files, or links to such.",
  });
}

/** What it is that is no regular file, in words. */
export function kindOf(status: Stats): string {
  if (status.isDirectory()) return "a folder";
  if (status.isFIFO()) return "a pipe";
  return status.isSocket() ? "a socket" : "a device";
}

/**
 * All bytes of a file that nobody named by itself, never more than the limit.
 * @throws the codes of {@link openRegularFile}
 * @throws {TF_INPUT_TOO_LARGE} when it has more bytes, or what `checkBytes` throws
 * @throws {TF_ABORTED} when the signal fires
 */
export async function readRegularFile(path: string, limits: ReadLimits): Promise<Buffer> {
  const { maxBytes, name = path, signal, checkBytes = (bytes) => refuseBytes(bytes, maxBytes, name) } = limits;
  throwIfAborted(signal);
  await using file = await openRegularFile(path, name);
  checkBytes(file.size);
  // A byte more than it has: the end is seen without another buffer.
  let bytes = Buffer.allocUnsafeSlow(Math.min(file.size, maxBytes) + 1);
  let length = 0;
  try {
    for (;;) {
      throwIfAborted(signal);
      const { bytesRead } = await file.handle.read(bytes, length, Math.min(bytes.length - length, pieceBytes), length);
      length += bytesRead;
      if (bytesRead === 0) return bytes.subarray(0, length);
      checkBytes(length);
      // It grows while it is read.
      if (length === bytes.length) bytes = Buffer.concat([bytes], Math.min(bytes.length * 2, maxBytes + 1));
    }
  } catch (error) {
    throw readFailure(error, name);
  }
}

function refuseBytes(bytes: number, maxBytes: number, name: string): void {
  if (bytes <= maxBytes) return;
  throw new TensorFaceError("TF_INPUT_TOO_LARGE", `"${name}" has ${bytes} bytes or more, at most ${maxBytes} are read`);
}

/** The whole text of a file, without the mark of byte order that some editors begin it with. @throws the codes of {@link readRegularFile} */
export async function readTextFile(path: string, maxBytes: number = textLimit): Promise<string> {
  return withoutMark((await readRegularFile(path, { maxBytes })).toString("utf8"));
}

function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/**
 * A pipe that the user names, as a stream that can be given up at any time. Opening one in the usual way waits for a writer, in a thread
 * that nothing can end, not even the end of the process.
 */
export function openPipe(path: string): Readable {
  // The socket waits for bytes as it does for those of a network, and closes the descriptor.
  return new Socket({ fd: openSync(path, openFlags), readable: true, writable: false });
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

/**
 * The lines of a text file, one at a time, empty ones and a mark of byte order left out.
 * @throws the codes of {@link openRegularFile}
 * @throws {TF_INPUT_TOO_LARGE} when a line does not end
 */
export async function* readLines(path: string): AsyncGenerator<string> {
  for await (const lines of linesByChunk(path)) {
    for (const line of lines) {
      const text = withoutReturn(line);
      if (text !== "") yield text;
    }
  }
}

/** A line that is not empty, and its place in the file, from 1 on: that by which an editor knows it. */
export interface NumberedLine {
  readonly number: number;
  readonly text: string;
}

/** The same, for messages that name a line. */
export async function* readNumberedLines(path: string): AsyncGenerator<NumberedLine> {
  let number = 0;
  for await (const lines of linesByChunk(path)) {
    for (const line of lines) {
      number++;
      const text = withoutReturn(line);
      if (text !== "") yield { number, text };
    }
  }
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

/** All lines, those together that one read of the disk ends. */
async function* linesByChunk(path: string): AsyncGenerator<readonly string[]> {
  let rest = "";
  let isFirst = true;
  try {
    await using file = await openRegularFile(path);
    for await (const chunk of file.handle.createReadStream({ encoding: "utf8", highWaterMark: 1 << 18, autoClose: false })) {
      const read = isFirst ? withoutMark(String(chunk)) : String(chunk);
      isFirst = false;
      const lines = (rest + read).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > lineLimit)
        throw new TensorFaceError("TF_INPUT_TOO_LARGE", `"${path}" has a line of more than ${lineLimit} characters`);
      yield lines;
    }
  } catch (error) {
    throw readFailure(error, path);
  }
  yield [rest];
}

/** The SHA-256 of a file's bytes, in hexadecimal digits. @throws the codes of {@link openRegularFile} */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    await using file = await openRegularFile(path);
    for await (const chunk of file.handle.createReadStream({ autoClose: false })) hash.update(z.instanceof(Uint8Array).parse(chunk));
  } catch (error) {
    throw readFailure(error, path);
  }
  return hash.digest("hex");
}
