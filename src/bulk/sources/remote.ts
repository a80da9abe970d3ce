import { PassThrough, finished, Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import pRetry, { AbortError } from "p-retry";
import { isTensorFaceError, reasonOf, TensorFaceError, throwIfAborted } from "../../core/index.ts";
import { answerError, AskAgain, awayError, longestPause } from "./answer.ts";
import { type ByteRange, rangeHeader } from "./byte-range.ts";
import { openS3, type S3 } from "./s3.ts";

/** What is fetched: http, https and s3. It tries again what may pass, with longer and longer pauses. */
export interface Remote extends Disposable {
  /**
   * The bytes at an address, or some of them.
   * @throws {TF_INPUT_NOT_FOUND} when the server says that it has none
   * @throws {TF_INPUT_UNREADABLE} when the server refuses
   * @throws {TF_INPUT_AWAY} when no try was answered to its end
   * @throws what `checkBytes` throws
   */
  read(location: string, options: RemoteReadOptions): Promise<Uint8Array>;
  /** The bytes as they come, once they have begun to. @throws as {@link read}; what breaks off later fails the stream with TF_INPUT_AWAY */
  stream(location: string, signal?: AbortSignal): Promise<Readable>;
  /** Addresses of the pictures below `s3://bucket/prefix/`, in the order of their names. @throws as {@link read} */
  list(prefix: string, signal?: AbortSignal): AsyncGenerator<string, void, undefined>;
}

export interface RemoteReadOptions {
  readonly range?: ByteRange | undefined;
  /** Throws for too many. */
  readonly checkBytes: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface RemoteOptions {
  /** Tries beside the first. @default 5 */
  readonly retries?: number | undefined;
  /** Before the second try, ms; twice as long before each further one, and at least as long as the server asks for. @default 500 */
  readonly firstPause?: number | undefined;
  /** A server that says nothing for so long, before its answer or in the middle of it, has not answered, ms. @default 60000 */
  readonly timeout?: number | undefined;
}

export function openRemote({ retries = 5, firstPause = 500, timeout = 60_000 }: RemoteOptions = {}): Remote {
  let client: Promise<S3> | undefined;
  const s3 = (): Promise<S3> => (client ??= openS3());
  const patiently = <Result>(location: string, signal: AbortSignal | undefined, work: () => Promise<Result>): Promise<Result> =>
    pRetry(() => work().catch((error: unknown) => Promise.reject(retriable(error))), {
      retries,
      minTimeout: firstPause,
      maxTimeout: longestPause,
      randomize: true,
      onFailedAttempt: async ({ error, retriesLeft }) => {
        if (error instanceof AskAgain && error.pause > 0 && retriesLeft > 0) await sleep(error.pause, undefined, { signal });
      },
      ...(signal === undefined ? {} : { signal }),
    }).catch((error: unknown) => {
      throwIfAborted(signal);
      throw isTensorFaceError(error) ? error : awayError(location, `was not answered, ${retries + 1} times`, error);
    });
  /** @param failure what a stream that breaks off fails with */
  const open = async (location: string, { range, signal, failure }: OpenOptions): Promise<Readable> => {
    const body = await promptly(timeout, signal, async (either) =>
      /^s3:/i.test(location) ? (await s3()).get(location, range, either) : getHttp(location, range, either),
    );
    return heard(body, { timeout, signal, failure });
  };
  return {
    read: async (location, { range, checkBytes, signal }) => {
      // No range of bytes names none of them.
      if (range?.bytes === 0) return new Uint8Array();
      return patiently(location, signal, async () => collect(await open(location, { range, signal }), checkBytes));
    },
    stream: (location, signal) => {
      const failure = (error: unknown): Error => awayError(location, "broke off in the middle", error);
      return patiently(location, signal, () => open(location, { signal, failure }));
    },
    async *list(prefix, signal) {
      for (let after: string | undefined, isLast = false; !isLast; isLast = after === undefined) {
        const { addresses, next } = await patiently(prefix, signal, () =>
          promptly(timeout, signal, async (either) => (await s3()).list(prefix, after, either)),
        );
        yield* addresses;
        after = next;
      }
    },
    [Symbol.dispose]: () =>
      void client?.then(
        (opened) => opened.close(),
        () => undefined,
      ),
  };
}

interface OpenOptions {
  readonly range?: ByteRange | undefined;
  readonly signal: AbortSignal | undefined;
  readonly failure?: ((error: unknown) => Error) | undefined;
}

/** What is ours is final. A TypeError that is none of the network's would not be tried again: it gets another error around it. */
function retriable(error: unknown): Error {
  if (isTensorFaceError(error)) return new AbortError(error);
  return error instanceof AskAgain ? error : new AskAgain(reasonOf(error), { cause: error });
}

/** Waits for an answer, no longer than that. */
async function promptly<Result>(
  timeout: number,
  signal: AbortSignal | undefined,
  ask: (either: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(new Error(`silent for ${timeout} ms`)), timeout);
  try {
    return await ask(signal === undefined ? silence.signal : AbortSignal.any([signal, silence.signal]));
  } finally {
    clearTimeout(timer);
  }
}

interface HeardOptions {
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  readonly failure?: ((error: unknown) => Error) | undefined;
}

/** The bytes of a stream as they come, until it is silent for too long. A reader that takes its time is no silence. */
function heard(source: Readable, { timeout, signal, failure = asError }: HeardOptions): Readable {
  const passed = new PassThrough();
  const fail = (error: unknown): void => void passed.destroy(failure(error));
  const timer = setInterval(() => {
    if (passed.readableLength === 0) fail(new Error(`silent for ${timeout} ms`));
  }, timeout);
  const leave = (): void => void passed.destroy(asError(signal?.reason));
  signal?.addEventListener("abort", leave, { once: true });
  source.on("data", () => timer.refresh());
  passed.on("drain", () => timer.refresh());
  finished(source, (error) => error && fail(error));
  passed.once("close", () => {
    clearInterval(timer);
    signal?.removeEventListener("abort", leave);
    source.destroy();
  });
  return source.pipe(passed);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(reasonOf(error));
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

async function getHttp(location: string, range: ByteRange | undefined, signal: AbortSignal): Promise<Readable> {
  const response = await fetch(location, { headers: range === undefined ? {} : { range: rangeHeader(range) }, signal });
  if (!response.ok) {
    await response.body?.cancel();
    throw answerError(location, response.status, response.headers.get("retry-after"));
  }
  if (range !== undefined && response.status !== 206) {
    await response.body?.cancel();
    throw new TensorFaceError("TF_INPUT_UNREADABLE", `"${location}": the server gives no parts of files`, {
      hint: "Copy the archive to a disk, or to a server that answers requests for a range of bytes.",
    });
  }
  return response.body === null ? Readable.from([]) : readableOf(response.body.getReader());
}

/** What is read of it is read no further once the stream is destroyed, also while its bytes are waited for. */
function readableOf(reader: ReadableStreamDefaultReader<Uint8Array>): Readable {
  const leave = (): void => void reader.cancel().catch(() => undefined);
  return new Readable({
    read() {
      void reader.read().then(
        ({ done, value }) => this.push(done ? null : value),
        (error: unknown) => this.destroy(asError(error)),
      );
    },
    destroy(error, callback) {
      leave();
      callback(error);
    },
  });
}
