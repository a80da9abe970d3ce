import { elementCount, float32Tensor, type Float32Tensor } from "./tensor.ts";

/**
 * Lends memory for tensors that live for one call. A picture's inputs take megabytes: made anew each time, they set off a collection
 * of the whole heap for every other picture.
 */
export interface TensorPool {
  /**
   * Runs `work` with a tensor whose numbers are left over from before: it writes all of them, and does not keep the tensor. Calls at the
   * same time get memory of their own.
   */
  readonly lend: <Result>(shape: readonly number[], work: (tensor: Float32Tensor) => Promise<Result>) => Promise<Result>;
}

/** Numbers that are kept between calls, 8 MiB: a view of 640 x 640 pixels has 1.2 million, sixteen crops of the mesh 1.8 million. */
const mostKept = 2 ** 21;

export function createTensorPool(): TensorPool {
  let kept: Float32Array | undefined;
  return {
    lend: async (shape, work) => {
      const count = elementCount(shape);
      const memory = kept !== undefined && kept.length >= count ? kept : new Float32Array(count);
      if (memory === kept) kept = undefined;
      try {
        return await work(float32Tensor(shape, memory.subarray(0, count)));
      } finally {
        if (memory.length <= mostKept && memory.length >= (kept?.length ?? 0)) kept = memory;
      }
    },
  };
}
