import { parentPort, workerData } from "node:worker_threads";
import { type BatchJob, type BatchSource, createBatchMaker } from "./batch.ts";

/** What the pool sends: a job, and the memory to write it to. */
export interface WorkerRequest {
  readonly id: number;
  readonly job: BatchJob;
  readonly target: Uint8Array;
}

/** What comes back when the pixels are in place. */
export interface WorkerReply {
  readonly id: number;
  /** Time that making the batch took, milliseconds. */
  readonly milliseconds: number;
}

// eslint-disable-next-line typescript/no-unsafe-type-assertion -- our own pool is the only one that starts this thread
const makeBatch = createBatchMaker(workerData as BatchSource);

parentPort?.on("message", ({ id, job, target }: WorkerRequest) => {
  const start = performance.now();
  makeBatch(job, target);
  // eslint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  parentPort?.postMessage({ id, milliseconds: performance.now() - start } satisfies WorkerReply);
});
