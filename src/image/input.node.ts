import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import { open, stat } from "node:fs/promises";
import { addAbortSignal, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { describeValue, isArrayBuffer, isError, isTypedArray, isWebObject, TensorFaceError, throwIfAborted } from "../core/index.ts";
import { openPipe, readFailure, readRegularFile } from "../files/files.node.ts";
import { bytesOf, checkBytes, type DecodeLimits, nameOfInput, longestName } from "./decode.ts";
import { checkResponse, chunksOf, usedStream } from "./read-stream.ts";

/** Bytes, and what messages call them. */
export interface NamedBytes {
  readonly bytes: Uint8Array;
  readonly source: string;
}

/**
 * A file that was found and not named: by a walk through a folder, a glob, a table or a manifest. Whatever it is called, it is a path and
 * never an address or `-`, and it is read only where it is a regular file.
 */
export interface LocalFile {
  readonly path: string;
  /** Of its bytes, where it is known which they must be: a file with others is refused. */
  readonly sha256?: string | undefined;
}

/** Whether an input is a {@link LocalFile}; streams of files have a path as well. */
export function isLocalFile(input: unknown): input is LocalFile {
  if (typeof input !== "object" || input === null || Symbol.asyncIterator in input) return false;
  return "path" in input && typeof input.path === "string";
}

/**
 * What can be read in Node: a path, `-` for standard input, a URL (http, https, file, data) as text or object, a file by its path alone,
 * bytes, a Blob or File, a stream of bytes (Node's or the web's), what `fetch` answered.
 */
export type ByteInput =
  | string
  | URL
  | LocalFile
  | Uint8Array
  | ArrayBuffer
  | Blob
  | AsyncIterable<Uint8Array>
  | ReadableStream<Uint8Array>
  | Response;

/**
 * For a stream that is read later: one that fails and that nobody listens to would end the process. Whoever reads it then gets its error
 * all the same.
 */
export function holdStream(input: unknown): void {
  if (input instanceof EventEmitter) input.on("error", () => undefined);
}

interface ReadOptions {
  readonly source?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * All bytes of an input, never more than the limit.
 * @throws {TF_INPUT_NOT_FOUND} when a path does not exist
 * @throws {TF_INPUT_UNREADABLE} when it cannot be read, or a download fails
 * @throws {TF_INPUT_CHANGED} when a file has other bytes than it must have
 * @throws {TF_IMAGE_TOO_LARGE} as soon as there are more than `limits.maxBytes`
 */
export async function readBytes(input: ByteInput, limits: DecodeLimits, options: ReadOptions): Promise<NamedBytes> {
  throwIfAborted(options.signal);
  if (typeof input === "string" || isWebObject(input, "URL")) return readLocation(input, limits, options);
  if (isLocalFile(input)) {
    const bytes = await readFound(input.path, limits, options);
    requireBytes(bytes, input);
    return { bytes, source: options.source ?? input.path };
  }
  const source = options.source ?? nameOfInput(input) ?? "the picture";
  if (isTypedArray(input, "Uint8Array") || isArrayBuffer(input)) return { bytes: bytesOf(input, source), source };
  if (isWebObject(input, "Response")) return { bytes: await readAnswer(async () => input, limits, source, options.signal), source };
  if (isWebObject(input, "Blob")) {
    checkBytes(input.size, limits, source);
    return { bytes: await collect(input.stream(), limits, source, options.signal), source };
  }
  // Callers without types may give anything.
  if (typeof input !== "object" || input === null || !(Symbol.asyncIterator in input)) {
    const expected = "a picture is a path, a URL, bytes, a Blob, a Response, a stream of bytes or pixels";
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `${expected}, got ${describeValue(input)}`, {
      hint: "Of an upload, give its bytes (of multer's file, `buffer`), and of a promise what it promises.",
    });
  }
  return { bytes: await collect(input, limits, source, options.signal), source };
}

async function readLocation(location: string | URL, limits: DecodeLimits, options: ReadOptions): Promise<NamedBytes> {
  const text = String(location);
  if (text === "-") {
    const source = options.source ?? "stdin";
    return { bytes: await collect(process.stdin, limits, source, options.signal), source };
  }
  const scheme = /^(https?|data|file):/i.exec(text)?.[1]?.toLowerCase();
  const source = options.source ?? nameOfInput(text) ?? text;
  if (text === "") throw new TensorFaceError("TF_INPUT_NOT_FOUND", 'the path "" is empty');
  if (scheme === "file") return { bytes: await readPath(pathOf(text), limits, source, options.signal), source };
  if (scheme !== undefined) {
    const { signal } = options;
    return { bytes: await readAnswer(async () => fetch(text, signal === undefined ? {} : { signal }), limits, source, signal), source };
  }
  if (text.length > longestName) {
    throw new TensorFaceError("TF_INPUT_NOT_FOUND", `the text "${nameOfInput(text)}" is no path`, {
      hint: "A picture as base64 is given as a data URL (data:image/jpeg;base64,...), or decoded, as bytes.",
    });
  }
  const otherScheme = /^([a-z][a-z\d+.-]+:)\/\//i.exec(text)?.[1];
  if (otherScheme !== undefined) {
    throw new TensorFaceError("TF_INPUT_UNREADABLE", `addresses that begin with "${otherScheme}" are not read (${source})`, {
      hint: "Give an address of http, https, file or data, a path, or the picture's bytes.",
    });
  }
  return { bytes: await readPath(text, limits, source, options.signal), source };
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new TensorFaceError("TF_INPUT_UNREADABLE", `${url} is not a file URL of this machine`, { cause: error });
  }
}

/** @throws {TF_INPUT_CHANGED} when the bytes are others than the file must have */
function requireBytes(bytes: Uint8Array, { path, sha256 }: LocalFile): void {
  if (sha256 === undefined || createHash("sha256").update(bytes).digest("hex") === sha256) return;
  throw new TensorFaceError("TF_INPUT_CHANGED", `"${path}" has changed since its import`);
}

/** A file that nobody named by itself: a regular one, within the limit. */
async function readFound(path: string, limits: DecodeLimits, { source = path, signal }: ReadOptions): Promise<Uint8Array> {
  return readRegularFile(path, {
    maxBytes: limits.maxBytes,
    name: source,
    checkBytes: (bytes) => checkBytes(bytes, limits, source),
    signal,
  });
}

/** What a user names may be a pipe or a device, too: those have no size of their own. */
async function readPath(path: string, limits: DecodeLimits, source: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  try {
    const status = await stat(path);
    if (status.isDirectory()) throw new TensorFaceError("TF_INPUT_UNREADABLE", `${source} is a folder, not a picture`);
    if (status.isFile()) return await readFound(path, limits, { source, signal });
    if (status.isFIFO()) return await collect(openPipe(path), limits, source, signal);
    await using device = await open(path);
    return await collect(device.createReadStream(), limits, source, signal);
  } catch (error) {
    throw readFailure(error, source);
  }
}

// eslint-disable-next-line max-params -- what is read, how much of it, and until when
async function readAnswer(
  ask: () => Promise<Response>,
  limits: DecodeLimits,
  source: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  try {
    const response = await ask();
    checkResponse(response, limits, source);
    return response.body === null ? new Uint8Array() : await collect(response.body, limits, source, signal);
  } catch (error) {
    throw failure(error, source, signal);
  }
}

/** The stream, which ends with the signal: it must not keep a process waiting, or a file open, for bytes that nobody wants any more. */
function endedBy(
  signal: AbortSignal | undefined,
  stream: AsyncIterable<unknown> | ReadableStream<unknown>,
): AsyncIterable<unknown> | ReadableStream<unknown> {
  if (isWebObject(stream, "ReadableStream")) return chunksOf(stream, signal);
  return signal !== undefined && stream instanceof Readable ? addAbortSignal(signal, stream) : stream;
}

async function collect(
  stream: AsyncIterable<unknown> | ReadableStream<Uint8Array>,
  limits: DecodeLimits,
  source: string,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const wasRead = stream instanceof Readable && Readable.isDisturbed(stream);
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of endedBy(signal, stream)) {
      throwIfAborted(signal);
      const bytes = bytesOfChunk(chunk, source);
      length += bytes.length;
      checkBytes(length, limits, source);
      chunks.push(bytes);
    }
  } catch (error) {
    throw failure(error, source, signal);
  }
  // Some of it may have been looked at and put back, so that this alone is no reason to refuse a stream.
  if (length === 0 && wasRead) throw usedStream();
  return Buffer.concat(chunks, length);
}

/** Streams give views of any kind, buffers and text; callers without types anything. */
function bytesOfChunk(chunk: unknown, source: string): Uint8Array {
  if (isTypedArray(chunk, "Uint8Array")) return chunk;
  if (typeof chunk === "string") return new TextEncoder().encode(chunk);
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (isArrayBuffer(chunk)) return new Uint8Array(chunk);
  throw new TensorFaceError(
    "TF_INVALID_ARGUMENT",
    `the stream of ${source} must give bytes, and gave a chunk of another kind (${typeof chunk})`,
  );
}

/** Any failure of a stream or a download as one of ours. */
function failure(error: unknown, source: string, signal: AbortSignal | undefined): unknown {
  if (error instanceof TensorFaceError) return error;
  if (signal?.aborted) return new TensorFaceError("TF_ABORTED", `reading ${source} was aborted`, { cause: error });
  // The disk's errors, of a file's stream too, mean the same everywhere.
  if (isError(error) && "path" in error) return readFailure(error, source);
  return new TensorFaceError("TF_INPUT_UNREADABLE", `${source} could not be read: ${reasonOf(error)}`, { cause: error });
}

/** `fetch` says only that it failed; its cause says why. */
function reasonOf(error: unknown): string {
  if (!isError(error)) return String(error);
  return isError(error.cause) && error.cause.message !== "" ? `${error.message}: ${error.cause.message}` : error.message;
}
