import { expect, test } from "vitest";
import { createTensorPool } from "./tensor-pool.ts";

const memoryOf = async (pool: ReturnType<typeof createTensorPool>, shape: readonly number[]): Promise<ArrayBufferLike> =>
  pool.lend(shape, async ({ data }) => data.buffer);

test("the next tensor that fits has the memory of the one before, with the right shape and length", async () => {
  const pool = createTensorPool();
  const memory = await memoryOf(pool, [2, 3, 4]);
  await pool.lend([3, 5], async ({ shape, data }) => {
    expect(data.buffer).toBe(memory);
    expect(shape).toEqual([3, 5]);
    expect(data).toHaveLength(15);
  });
  expect(await memoryOf(pool, [25])).not.toBe(memory);
});

test("calls at the same time do not share memory", async () => {
  const pool = createTensorPool();
  await memoryOf(pool, [8]);
  await pool.lend([8], async (outer) => {
    await pool.lend([8], async (inner) => expect(inner.data.buffer).not.toBe(outer.data.buffer));
  });
});

test("memory comes back after a failure", async () => {
  const pool = createTensorPool();
  const memory = await memoryOf(pool, [8]);
  await expect(pool.lend([8], async () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  expect(await memoryOf(pool, [8])).toBe(memory);
});

test("very large tensors are not kept", async () => {
  const pool = createTensorPool();
  const memory = await memoryOf(pool, [2 ** 21 + 1]);
  expect(await memoryOf(pool, [8])).not.toBe(memory);
});
