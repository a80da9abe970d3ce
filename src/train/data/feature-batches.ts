import type { Tensor } from "../../core/index.ts";
import type { FeatureMatrix } from "../../features/index.ts";
import type { BatchJob } from "../augment/batch.ts";
import type { BatchStream } from "../run/loop.ts";

/** Batches of features: rows of a matrix, gathered when they are asked for. It takes microseconds, so no thread does it. */
export class FeatureBatches implements BatchStream, AsyncDisposable {
  readonly #features: FeatureMatrix;
  #spentMs = 0;

  constructor(features: FeatureMatrix) {
    this.#features = features;
  }

  /** Whoever gathers makes the step wait: both times are the same. */
  get statistics(): BatchStream["statistics"] {
    return { waitedMs: this.#spentMs, workedMs: this.#spentMs };
  }

  async *stream<Job extends BatchJob>(jobs: Iterable<Job>): AsyncGenerator<{ readonly job: Job; readonly input: Tensor }> {
    for (const job of jobs) {
      const start = performance.now();
      const input = this.#gather(job.rows);
      this.#spentMs += performance.now() - start;
      yield { job, input };
    }
  }

  #gather(rows: Int32Array): Tensor {
    const { columns, data } = this.#features;
    const gathered = new Float32Array(rows.length * columns);
    for (const [index, row] of rows.entries()) gathered.set(data.subarray(row * columns, (row + 1) * columns), index * columns);
    return { type: "float32", shape: [rows.length, columns], data: gathered };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is held.
  }
}
