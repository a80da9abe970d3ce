import type { S3Client } from "@aws-sdk/client-s3";
import pRetry, { AbortError } from "p-retry";
import { Readable } from "node:stream";
import { extname } from "node:path";
import { isTensorFaceError, reasonOf, TensorFaceError, throwIfAborted } from "../../core/index.ts";
import { pictureExtensions } from "../inputs.ts";

/** What is fetched: http, https and s3. It tries again what may pass, with longer and longer pauses. */
export interface Remote extends Disposable {
  /**
   * The bytes at an address, or some of them.
   * @throws {TF_INPUT_NOT_FOUND} when the server says that it has none
   * @throws {TF_INPUT_UNREADABLE} when the server refuses
   * @throws {TF_INPUT_AWAY} when no try was answered
   * @throws what `checkBytes` throws
   */
  read(location: string, options: RemoteReadOptions): Promise<Uint8Array>;
  /** The bytes as they come. @throws as {@link read} */
  stream(location: string, signal?: AbortSignal): Promise<Readable>;
  /** Addresses of the pictures below `s3://bucket/prefix/`, in the order of their names. */
  list(prefix: string, signal?: AbortSignal): AsyncGenerator<string, void, undefined>;
}

export interface RemoteReadOptions {
  readonly range?: { readonly at: number; readonly bytes: number } | undefined;
  /** Throws for too many. */
  readonly checkBytes: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface RemoteOptions {
  /** Tries beside the first. @default 5 */
  readonly retries?: number | undefined;
  /** Before the second try, ms; twice as long before each further one. @default 500 */
  readonly firstPause?: number | undefined;
}

/** No answer for so long is none, ms. */
const timeout = 60_000;
/** What a server says of a moment, not of a picture. */
const passing: readonly number[] = [408, 425, 429, 500, 502, 503, 504];
/** A server that asks for more patience than this is away, ms. */
const longestPause = 60_000;

export function openRemote({ retries = 5, firstPause = 500 }: RemoteOptions = {}): Remote {
  let client: Promise<S3> | undefined;
  const s3 = (): Promise<S3> => (client ??= openS3(retries));
  const patiently = <Result>(location: string, signal: AbortSignal | undefined, work: () => Promise<Result>): Promise<Result> =>
    pRetry(() => work().catch((error: unknown) => Promise.reject(isTensorFaceError(error) ? new AbortError(error) : asError(error))), {
      retries,
      minTimeout: firstPause,
      maxTimeout: longestPause,
      randomize: true,
      ...(signal === undefined ? {} : { signal }),
    }).catch((error: unknown) => {
      throwIfAborted(signal);
      if (isTensorFaceError(error)) throw error;
      // Its words differ from machine to machine: rows must not.
      throw new TensorFaceError("TF_INPUT_AWAY", `"${location}" was not answered, ${retries + 1} times`, { cause: error });
    });
  const open = async (location: string, range: RemoteReadOptions["range"], signal: AbortSignal | undefined): Promise<Readable> =>
    /^s3:/i.test(location) ? (await s3()).get(location, range, signal) : getHttp(location, range, signal);
  return {
    read: (location, { range, checkBytes, signal }) =>
      patiently(location, signal, async () => collect(await open(location, range, signal), checkBytes)),
    stream: (location, signal) => patiently(location, signal, () => open(location, undefined, signal)),
    async *list(prefix, signal) {
      yield* (await s3()).list(prefix, signal);
    },
    [Symbol.dispose]: () =>
      void client?.then(
        (opened) => opened.close(),
        () => undefined,
      ),
  };
}

/** A retry wants an error; whoever throws something else gets one around it. */
function asError(error: unknown): Error {
  // A TypeError that is none of the network's would not be tried again.
  return new Error(reasonOf(error), { cause: error });
}

async function collect(stream: Readable, checkBytes: (bytes: number) => void): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError("a stream of bytes gave something else");
    length += chunk.length;
    checkBytes(length);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

async function getHttp(location: string, range: RemoteReadOptions["range"], signal: AbortSignal | undefined): Promise<Readable> {
  const limit = AbortSignal.timeout(timeout);
  const response = await fetch(location, {
    headers: range === undefined ? {} : { range: rangeHeader(range) },
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw answerError(location, response.status);
  }
  if (range !== undefined && response.status !== 206)
    throw new TensorFaceError("TF_INPUT_UNREADABLE", `"${location}": the server gives no parts of files`, {
      hint: "Copy the archive to a disk, or to a server that answers requests for a range of bytes.",
    });
  return Readable.from(response.body === null ? [] : buffersOf(response.body), { objectMode: false });
}

async function* buffersOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of body) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

const rangeHeader = ({ at, bytes }: NonNullable<RemoteReadOptions["range"]>): string => `bytes=${at}-${at + bytes - 1}`;

/** What an answer means: of a moment, an error that is tried again; of the picture, one of ours. */
function answerError(location: string, status: number): Error {
  if (passing.includes(status)) return new Error(`HTTP status ${status}`);
  const isMissing = status === 404 || status === 410;
  return new TensorFaceError(isMissing ? "TF_INPUT_NOT_FOUND" : "TF_INPUT_UNREADABLE", `"${location}" answered with HTTP status ${status}`);
}

interface S3 {
  get(location: string, range: RemoteReadOptions["range"], signal: AbortSignal | undefined): Promise<Readable>;
  list(prefix: string, signal: AbortSignal | undefined): AsyncGenerator<string, void, undefined>;
  close(): void;
}

/** @throws {TF_INVALID_ARGUMENT} when the client is not installed */
async function openS3(retries: number): Promise<S3> {
  const module = await import("@aws-sdk/client-s3").catch((cause: unknown) => {
    throw new TensorFaceError("TF_INVALID_ARGUMENT", "addresses that begin with s3:// need a package that is not installed", {
      cause,
      hint: "npm install @aws-sdk/client-s3",
    });
  });
  const { GetObjectCommand, paginateListObjectsV2, S3Client: Client } = module;
  const endpoint = process.env["AWS_ENDPOINT_URL_S3"] ?? process.env["AWS_ENDPOINT_URL"];
  // Servers other than Amazon's have their buckets in the path.
  const client: S3Client = new Client({ maxAttempts: retries + 1, ...(endpoint === undefined ? {} : { forcePathStyle: true }) });
  return {
    get: async (location, range, signal) => {
      const command = new GetObjectCommand({ ...placeOf(location), ...(range === undefined ? {} : { Range: rangeHeader(range) }) });
      const { Body } = await client.send(command, signal === undefined ? {} : { abortSignal: signal }).catch((error: unknown) => {
        throw s3Error(location, error);
      });
      if (!(Body instanceof Readable)) throw new TypeError("S3 answered without a stream");
      return Body;
    },
    async *list(prefix) {
      const { Bucket, Key } = placeOf(prefix);
      try {
        for await (const { Contents } of paginateListObjectsV2({ client }, { Bucket, Prefix: Key }))
          for (const { Key: key = "" } of Contents ?? [])
            if (pictureExtensions.includes(extname(key).toLowerCase())) yield `s3://${Bucket}/${key}`;
      } catch (error) {
        throw s3Error(prefix, error);
      }
    },
    close: () => client.destroy(),
  };
}

function placeOf(location: string): { readonly Bucket: string; readonly Key: string } {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/]+)\/?(.*)$/is.exec(location) ?? [];
  return { Bucket: bucket, Key: key };
}

function s3Error(location: string, error: unknown): Error {
  if (isTensorFaceError(error)) return error;
  const status = statusOf(error);
  if (status !== undefined) return answerError(location, status);
  const isRefused = error instanceof Error && /Credentials|Region is missing/.test(`${error.name} ${error.message}`);
  return isRefused ? new TensorFaceError("TF_INPUT_UNREADABLE", `"${location}": ${error.message}`, { cause: error }) : asError(error);
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return undefined;
  const metadata = error.$metadata;
  return typeof metadata === "object" && metadata !== null && "httpStatusCode" in metadata && typeof metadata.httpStatusCode === "number"
    ? metadata.httpStatusCode
    : undefined;
}
