import { Worker } from "node:worker_threads";
import { type Bridge, connect } from "../../bridge/index.ts";
import { threadLine } from "../../bridge/thread.node.ts";
import { TensorFaceError } from "../../core/index.ts";
import type { HeicOptions } from "./libheif.ts";
import type { HeicService } from "./messages.ts";

/** How long the thread, with the memory of its largest picture, waits for the next one. */
const idleMs = 10_000;

/** Decodes HEIC beside the thread that calls. */
class HeicThread {
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #bridge: Bridge<HeicService>;
  readonly #onEnd: () => void;
  #idle: NodeJS.Timeout | undefined;

  constructor(file: URL, onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#worker = new Worker(file);
    this.#bridge = connect(threadLine(this.#worker));
    this.#worker.on("error", (error) => this.#end(error));
    this.#worker.on("exit", () => this.#end(undefined));
    this.ready = this.#bridge.ask("ready", undefined);
  }

  async decode(file: Uint8Array, { maxPixels, source }: HeicOptions): Promise<Uint8Array> {
    clearTimeout(this.#idle);
    this.#worker.ref();
    const copy = new Uint8Array(file);
    try {
      return await this.#bridge.ask("decode", { file: copy, maxPixels, source }, { transfer: [copy.buffer] });
    } finally {
      if (this.#bridge.waiting === 0) this.#rest();
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

  #end(cause: unknown): void {
    this.#onEnd();
    this.#bridge.close(new TensorFaceError("TF_IMAGE_CORRUPT", "the thread that decodes HEIC has ended", { cause }));
  }
}

let thread: HeicThread | undefined;

/**
 * The picture of a HEIC file as a PNG file, decoded beside the thread that calls; on it, where no thread can be started, as in a program
 * that was bundled into one file, or under Node's permissions.
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
  const file = new URL(here.endsWith(".ts") ? "./heic-worker.node.ts" : "./heic-worker.js", here);
  try {
    const started = new HeicThread(file, () => {
      if (thread === started) thread = undefined;
    });
    return started;
  } catch {
    return undefined;
  }
}
