import fc from "fast-check";
import { expect, test } from "vitest";
import { findCulprit } from "./bisect.ts";

test("the first picture that ends a process is found, in few processes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 64 }), fc.nat(), async (length, place) => {
      const culprit = 100 + (place % length);
      let processes = 0;
      const found = await findCulprit(100, 100 + length, async (from, to) => {
        processes++;
        return from <= culprit && culprit < to;
      });
      expect(found).toBe(culprit);
      expect(processes).toBeLessThanOrEqual(Math.ceil(Math.log2(length)) + 2);
    }),
  );
});

test("where no single picture does it, none is blamed", async () => {
  expect(await findCulprit(0, 64, async () => false)).toBeUndefined();
  expect(await findCulprit(0, 64, async (from, to) => to - from > 3)).toBeUndefined();
  expect(await findCulprit(5, 5, async () => true)).toBeUndefined();
});

test("a process that ends by chance blames nobody", async () => {
  let asked = 0;
  expect(await findCulprit(0, 64, async () => ++asked === 7)).toBeUndefined();
});
