import { parentPort, workerData } from "node:worker_threads";
import { type Answerer, serve } from "../../bridge/index.ts";
import { threadLine } from "../../bridge/thread.node.ts";
import { type BatchJob, type BatchSource, createBatchMaker } from "./batch.ts";

/** What a thread of the pool answers. */
export interface BatchService {
  /** Makes a batch into the memory that comes with it. The answer is how long that took, in milliseconds. */
  readonly make: Answerer<{ readonly job: BatchJob; readonly target: Uint8Array }, number>;
}

// eslint-disable-next-line typescript/no-unsafe-type-assertion -- our own pool is the only one that starts this thread
const makeBatch = createBatchMaker(workerData as BatchSource);

serve<BatchService>(threadLine(parentPort!), {
  make: ({ job, target }) => {
    const start = performance.now();
    makeBatch(job, target);
    return performance.now() - start;
  },
});
