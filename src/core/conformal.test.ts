import fc from "fast-check";
import { expect, test } from "vitest";
import { residualOffsets } from "./conformal.ts";

test("of 19 errors the second from either end bounds four in five, of 9 the last, and fewer promise nothing", () => {
  const errors = (count: number): number[] => Array.from({ length: count }, (_, index) => index - (count - 1) / 2);
  expect(residualOffsets(errors(19), 0.8)).toEqual({ low: -8, high: 8 });
  expect(residualOffsets(errors(9), 0.8)).toEqual({ low: -4, high: 4 });
  expect(residualOffsets(errors(8), 0.8)).toBeUndefined();
});

test("a new error among others lies inside with the promised probability, for every count", () => {
  fc.assert(
    fc.property(fc.integer({ min: 9, max: 400 }), (count) => {
      const { low, high } = residualOffsets(
        Array.from({ length: count }, (_, index) => index),
        0.8,
      )!;
      // Of the count + 1 places that a new one may take, those between the ends, in tenths of a place.
      const held = high - low;
      expect(10 * held).toBeGreaterThanOrEqual(8 * (count + 1) - 1e-6);
      expect(10 * (held - 2)).toBeLessThan(8 * (count + 1));
    }),
  );
});
