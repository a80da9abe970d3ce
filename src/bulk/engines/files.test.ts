import { expect, test } from "vitest";
import { createFilesEngine } from "./files.ts";

test("whoever waits for the last shard of another hears soon that it is done", async () => {
  const rested: number[] = [];
  let looks = 0;
  const engine = createFilesEngine({
    remaining: () => Promise.resolve(looks++ < 8 ? [0] : []),
    pause: 200,
    sleep: (milliseconds) => {
      rested.push(milliseconds);
      return Promise.resolve();
    },
  });
  // Somebody else is at it.
  await engine.run(() => Promise.resolve(false), new AbortController().signal);
  expect(rested).toEqual([25, 50, 100, 200, 200, 200, 200, 200]);
});

test("a worker that has worked meanwhile begins its rests anew", async () => {
  const rested: number[] = [];
  const turns = [false, false, true, false];
  const engine = createFilesEngine({
    remaining: () => Promise.resolve(turns.length > 0 ? [0] : []),
    sleep: (milliseconds) => {
      rested.push(milliseconds);
      return Promise.resolve();
    },
  });
  await engine.run(() => Promise.resolve(turns.shift()!), new AbortController().signal);
  expect(rested).toEqual([25, 50, 25]);
});
