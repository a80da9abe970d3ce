import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { mapConcurrently } from "./map-concurrently.ts";

test("results keep the order, and no more than the limit are under way", async () => {
  let running = 0;
  let most = 0;
  const results = await mapConcurrently([5, 1, 3, 2], 2, async (value) => {
    most = Math.max(most, ++running);
    await setTimeout(value);
    running--;
    return value * 10;
  });
  expect(results).toEqual([50, 10, 30, 20]);
  expect(most).toBe(2);
});

test("the first failure ends it, when what was begun has ended", async () => {
  const ended: number[] = [];
  const work = mapConcurrently([0, 1, 2, 3, 4, 5], 3, async (value) => {
    await setTimeout(value === 1 ? 1 : 30);
    if (value === 1) throw new Error("the second");
    ended.push(value);
  });
  await expect(work).rejects.toThrow("the second");
  expect(ended.toSorted((a, b) => a - b)).toEqual([0, 2]);
  await setTimeout(60);
  expect(ended).toHaveLength(2);
});
