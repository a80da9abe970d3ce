import { expect, test } from "vitest";
import { loadAhead } from "./load-ahead.ts";

test("the next batch is loaded while one is worked on, and no further", async () => {
  const log: string[] = [];
  const load = async (batch: readonly number[]): Promise<number> => {
    log.push(`load ${batch.join(" ")}`);
    return batch.length;
  };
  for await (const { batch, start, loaded } of loadAhead([1, 2, 3, 4, 5, 6, 7], 3, load)) {
    log.push(`work ${batch.join(" ")} from ${start}, ${loaded}`);
  }
  expect(log).toEqual(["load 1 2 3", "load 4 5 6", "work 1 2 3 from 0, 3", "load 7", "work 4 5 6 from 3, 3", "work 7 from 6, 1"]);
  expect(await Array.fromAsync(loadAhead([], 3, load))).toEqual([]);
});

test("what loading throws comes in its batch's turn", async () => {
  const worked: number[] = [];
  const work = async (): Promise<void> => {
    const load = async ([item]: readonly number[]): Promise<number> => {
      if (item === 2) throw new Error("damaged");
      return item!;
    };
    for await (const { loaded } of loadAhead([1, 2, 3], 1, load)) {
      worked.push(loaded);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await expect(work()).rejects.toThrow("damaged");
  expect(worked).toEqual([1]);
});
