import { Worker } from "node:worker_threads";
import { isArrayBuffer, isTypedArray, TensorFaceError, throwIfAborted } from "../../core/index.ts";
import type { PictureInput } from "../../image/decode.node.ts";
import { isDetached } from "../../image/index.ts";
import { isLocalFile } from "../../image/input.node.ts";
import type { FaceAnalysis } from "../analysis.ts";
import type { AnalyzeOptions } from "../options.ts";
import { WorkerLost, type ExtraWorker } from "./pool.ts";
import type { WorkerOptions, WorkerReply, WorkerRequest } from "./messages.ts";

/** The threads' file: TypeScript in a clone, JavaScript in the package. */
function threadFile(): URL {
  // A bundle in CommonJS has no address: there is no thread beside it either, and the pictures stay with this one.
  const here: string | undefined = import.meta.url;
  if (here === undefined) throw new TypeError("there is no file to start a thread from");
  return new URL(here.endsWith(".ts") ? "./analysis-worker.node.ts" : "./analysis-worker.js", here);
}

/** One picture in the engine, the next one decoded, one more on its way. */
const slots = 3;

/** A worker in a thread of its own, with networks of its own. It does not keep the process alive unless it has work. */
export class WorkerThread implements ExtraWorker<PictureInput> {
  readonly slots = slots;
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, PromiseWithResolvers<FaceAnalysis>>();
  readonly #started = Promise.withResolvers<void>();
  readonly #disposed = Promise.withResolvers<void>();
  #nextId = 0;
  #isLost = false;

  constructor(options: WorkerOptions) {
    this.ready = this.#started.promise;
    this.ready.catch(() => undefined);
    this.#worker = new Worker(threadFile(), { workerData: options, ...flagsOfThread(process.execArgv) });
    this.#worker.unref();
    this.#worker.on("message", (reply: WorkerReply) => this.#receive(reply));
    this.#worker.on("error", (error) => this.#lose(error));
    this.#worker.on("exit", () => this.#lose(undefined));
  }

  takes(input: PictureInput, { onFaces }: AnalyzeOptions): boolean {
    if (onFaces !== undefined) return false;
    if (isTypedArray(input, "Uint8Array") || isArrayBuffer(input)) return !isDetached(input);
    return (typeof input === "string" && input !== "-") || input instanceof URL || isLocalFile(input);
  }

  async analyze(input: PictureInput, { signal, source }: AnalyzeOptions): Promise<FaceAnalysis> {
    throwIfAborted(signal);
    if (this.#isLost) throw new WorkerLost();
    const id = this.#nextId++;
    const waiting = Promise.withResolvers<FaceAnalysis>();
    this.#waiting.set(id, waiting);
    this.#worker.ref();
    const abort = (): void => this.#send({ kind: "abort", id });
    signal?.addEventListener("abort", abort, { once: true });
    try {
      this.#send({ kind: "analyze", id, input: toMessage(input), source });
      return await waiting.promise;
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#worker.unref();
    }
  }

  async dispose(): Promise<void> {
    // The engine ends the whole process when a thread is ended while it loads a network or runs one, as it still may for a picture that
    // was aborted. Nothing else may keep the process until then.
    this.#worker.ref();
    const isStarted = await this.ready.then(
      () => true,
      () => false,
    );
    if (isStarted) {
      this.#send({ kind: "dispose" });
      await this.#disposed.promise;
    }
    await this.#worker.terminate();
  }

  #receive(reply: WorkerReply): void {
    if (reply.kind === "ready") this.#started.resolve();
    else if (reply.kind === "disposed") this.#disposed.resolve();
    else if (reply.kind === "done") this.#waiting.get(reply.id)?.resolve(reply.analysis);
    else this.#waiting.get(reply.id)?.reject(new TensorFaceError(reply.error.code, reply.error.message, { hint: reply.error.hint }));
  }

  #lose(cause: unknown): void {
    this.#isLost = true;
    const lost = new WorkerLost("a thread that analyses pictures has ended", { cause });
    this.#started.reject(lost);
    this.#disposed.resolve();
    for (const waiting of this.#waiting.values()) waiting.reject(lost);
  }

  #send(request: WorkerRequest<PictureInput>): void {
    // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#worker.postMessage(request);
  }
}

/**
 * A thread takes over the program's flags. With `--input-type` it would be refused, since it is a file, and some others that a program may
 * have cannot be named for a thread: then it gets none.
 */
function flagsOfThread(flags: readonly string[]): { readonly execArgv?: string[] } {
  return flags.some((flag) => flag.startsWith("--input-type")) ? { execArgv: [] } : {};
}

/** What survives the way to another thread: no URL object, and of bytes that are a part of something larger only the part. */
function toMessage(input: PictureInput): PictureInput {
  if (input instanceof URL) return input.href;
  return isTypedArray(input, "Uint8Array") ? new Uint8Array(input) : input;
}
