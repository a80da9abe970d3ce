import { Worker } from "node:worker_threads";
import { TensorFaceError } from "../../core/index.ts";
import type { HeicOptions } from "./libheif.ts";
import type { HeicReply, HeicRequest } from "./messages.ts";

/** How long the thread, with the memory of its largest picture, waits for the next one. */
const idleMs = 10_000;

/** Decodes HEIC beside the thread that calls. */
class HeicThread {
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #started = Promise.withResolvers<void>();
  readonly #waiting = new Map<number, PromiseWithResolvers<Uint8Array>>();
  readonly #onEnd: () => void;
  #nextId = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(file: URL, onEnd: () => void) {
    this.ready = this.#started.promise;
    this.#onEnd = onEnd;
    this.#worker = new Worker(file);
    this.#worker.on("message", (reply: HeicReply) => this.#receive(reply));
    this.#worker.on("error", (error) => this.#end(error));
    this.#worker.on("exit", () => this.#end(undefined));
  }

  async decode(file: Uint8Array, { maxPixels, source }: HeicOptions): Promise<Uint8Array> {
    clearTimeout(this.#idle);
    const id = this.#nextId++;
    const waiting = Promise.withResolvers<Uint8Array>();
    this.#waiting.set(id, waiting);
    this.#worker.ref();
    // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#worker.postMessage({ id, file: new Uint8Array(file), maxPixels, source } satisfies HeicRequest);
    try {
      return await waiting.promise;
    } finally {
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#rest();
    }
  }

  /** Without work it keeps no process alive, and ends after a while. */
  #rest(): void {
    this.#worker.unref();
    this.#idle = setTimeout(() => {
      this.#onEnd();
      void this.#worker.terminate();
    }, idleMs).unref();
  }

  #receive(reply: HeicReply): void {
    if (reply.kind === "ready") this.#started.resolve();
    else if (reply.kind === "done") this.#waiting.get(reply.id)?.resolve(reply.png);
    else this.#waiting.get(reply.id)?.reject(new TensorFaceError(reply.error.code, reply.error.message, { hint: reply.error.hint }));
  }

  #end(cause: unknown): void {
    this.#onEnd();
    const lost = new TensorFaceError("TF_IMAGE_CORRUPT", "the thread that decodes HEIC has ended", { cause });
    this.#started.reject(lost);
    for (const waiting of this.#waiting.values()) waiting.reject(lost);
  }
}

let thread: HeicThread | undefined;

/**
 * The picture of a HEIC file as a PNG file, decoded beside the thread that calls; on it, where no thread can be started, as in a program
 * that was bundled into one file.
 *
 * @throws {TF_IMAGE_FORMAT_UNSUPPORTED} without the package libheif-js; and the codes of `decodeHeic`
 */
export async function decodeBeside(file: Uint8Array, options: HeicOptions): Promise<Uint8Array> {
  const helper = (thread ??= startThread());
  const isReady = await helper?.ready.then(
    () => true,
    () => false,
  );
  if (helper !== undefined && isReady === true) return helper.decode(file, options);
  const { heicToPng } = await import("./to-png.node.ts");
  return heicToPng(file, options);
}

function startThread(): HeicThread | undefined {
  // A bundle in CommonJS has no address.
  const here: string | undefined = import.meta.url;
  if (here === undefined) return undefined;
  const started = new HeicThread(new URL(here.endsWith(".ts") ? "./heic-worker.node.ts" : "./heic-worker.js", here), () => {
    if (thread === started) thread = undefined;
  });
  return started;
}
