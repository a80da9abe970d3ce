import { Worker } from "node:worker_threads";
import { type Bridge, connect } from "../../bridge/index.ts";
import { threadLine } from "../../bridge/thread.node.ts";
import { type Tensor, TensorFaceError } from "../../core/index.ts";
import type { BatchService } from "./augmentation-worker.node.ts";
import { type BatchJob, type BatchSource, pictureBytes } from "./batch.ts";

export interface BatchPoolOptions {
  /** Threads that make batches. @default 1: a batch takes a few percent of the time that its training step takes */
  readonly workers?: number | undefined;
  /** Batches made ahead of the one in use. @default 3 */
  readonly ahead?: number | undefined;
}

/** A batch that is ready. Its pixels are overwritten when the next one is asked for. */
export interface MadeBatch<Job extends BatchJob> {
  readonly job: Job;
  /** `[rows, channels, side, side]`, uint8 0..255. */
  readonly input: Extract<Tensor, { readonly type: "uint8" }>;
}

/** How the threads kept up. */
export interface PoolStatistics {
  readonly batches: number;
  /** Time that the consumer stood waiting for a batch, milliseconds. */
  readonly waitedMs: number;
  /** Time that the threads spent on making them, milliseconds, all threads together. */
  readonly workedMs: number;
}

/** The threads' file: TypeScript in a clone, JavaScript in the package. */
const workerFile = import.meta.url.endsWith(".ts") ? "./augmentation-worker.node.ts" : "./augmentation-worker.js";

interface BatchThread {
  readonly worker: Worker;
  readonly bridge: Bridge<BatchService>;
}

/**
 * Makes batches in threads, ahead of their use and in order. Their bytes do not depend on how many threads there are.
 * `dispose` ends the threads.
 */
export class BatchPool implements AsyncDisposable {
  readonly #source: BatchSource;
  readonly #threads: readonly BatchThread[];
  readonly #ahead: number;
  #asked = 0;
  #batches = 0;
  #waitedMs = 0;
  #workedMs = 0;

  constructor(source: BatchSource, options: BatchPoolOptions = {}) {
    this.#source = source;
    this.#ahead = options.ahead ?? 3;
    this.#threads = Array.from({ length: options.workers ?? 1 }, () => this.#startThread());
  }

  get statistics(): PoolStatistics {
    return { batches: this.#batches, waitedMs: this.#waitedMs, workedMs: this.#workedMs };
  }

  /** The batches of `jobs`, in order. One stream at a time; ending it early is fine. */
  async *stream<Job extends BatchJob>(jobs: Iterable<Job>): AsyncGenerator<MadeBatch<Job>> {
    const queue: { readonly job: Job; readonly target: Uint8Array; readonly made: Promise<number> }[] = [];
    const free: Uint8Array[] = [];
    const iterator = jobs[Symbol.iterator]();
    const refill = (): void => {
      while (queue.length < this.#ahead) {
        const { value: job, done } = iterator.next();
        if (done === true) return;
        const bytes = job.rows.length * pictureBytes(this.#source);
        const target = takeBuffer(free, bytes);
        queue.push({ job, target, made: this.#make(job, target) });
      }
    };
    try {
      for (refill(); queue.length > 0; refill()) {
        const { job, target, made } = queue.shift()!;
        const start = performance.now();
        const milliseconds = await made;
        this.#waitedMs += performance.now() - start;
        this.#workedMs += milliseconds;
        this.#batches++;
        refill();
        const shape = [job.rows.length, this.#source.store.channels, this.#source.side, this.#source.side];
        yield { job, input: { type: "uint8", shape, data: target } };
        free.push(target);
      }
    } finally {
      await Promise.allSettled(queue.map(({ made }) => made));
    }
  }

  async dispose(): Promise<void> {
    this.#fail(new TensorFaceError("TF_DISPOSED", "the pool of batches was disposed"));
    await Promise.all(this.#threads.map(async ({ worker }) => worker.terminate()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  #startThread(): BatchThread {
    const worker = new Worker(new URL(workerFile, import.meta.url), { workerData: this.#source });
    worker.on("error", (error) => this.#fail(error));
    return { worker, bridge: connect(threadLine(worker)) };
  }

  /** One dead thread would leave the stream waiting for ever: everything that waits, or will, learns of it. */
  #fail(error: unknown): void {
    for (const { bridge } of this.#threads) bridge.close(error);
  }

  #make(job: BatchJob, target: Uint8Array): Promise<number> {
    const { bridge } = this.#threads[this.#asked++ % this.#threads.length]!;
    const made = bridge.ask("make", { job, target });
    // The consumer may stop before it comes to this batch; that is no unhandled failure.
    made.catch(() => undefined);
    return made;
  }
}

function takeBuffer(free: Uint8Array[], bytes: number): Uint8Array {
  const index = free.findIndex((buffer) => buffer.length === bytes);
  return index < 0 ? new Uint8Array(new SharedArrayBuffer(bytes)) : free.splice(index, 1)[0]!;
}
