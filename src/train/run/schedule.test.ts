import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { learningRate, scheduleSchema } from "./schedule.ts";

const rates = (input: object, steps: number): number[] => {
  const schedule = scheduleSchema.parse(input);
  return Array.from({ length: steps }, (_, step) => learningRate(schedule, step, steps));
};

describe("learningRate", () => {
  test("cosine warms up evenly, peaks, and ends at its final share", () => {
    const values = rates({ kind: "cosine", peak: 1, warmUp: 0.1, final: 0.1 }, 101);
    expect(values.slice(0, 3)).toEqual([1 / 11, 2 / 11, 3 / 11]);
    expect(values[10]).toBe(1);
    expect(values[55]).toBeCloseTo(0.55, 2);
    expect(values[100]).toBeCloseTo(0.1, 12);
  });

  test("one cycle rises to the peak at its share of the steps and falls to the end", () => {
    const values = rates({ kind: "oneCycle", peak: 2, rise: 0.25, initial: 0.1, final: 0.01 }, 201);
    expect(values[0]).toBeCloseTo(0.2, 12);
    expect(values[50]).toBeCloseTo(2, 12);
    expect(values[200]).toBeCloseTo(0.02, 12);
    expect(Math.max(...values)).toBe(values[50]);
  });

  test("steps drop by their factor, constant stays", () => {
    const values = rates({ kind: "steps", peak: 1, at: [0.5, 0.75], factor: 0.1 }, 100);
    expect([values[49], values[50], values[75]].map((value) => value!.toFixed(3))).toEqual(["1.000", "0.100", "0.010"]);
    expect(new Set(rates({ kind: "constant", peak: 0.3 }, 10))).toEqual(new Set([0.3]));
  });

  test("a training that ends before its cosine does begins like the longer one", () => {
    const long = rates({ kind: "cosine", peak: 1, warmUp: 0.1 }, 400);
    const short = rates({ kind: "cosine", peak: 1, warmUp: 40 / 300, length: 400 / 300 }, 300);
    expect(short).toEqual(long.slice(0, 300));
  });

  test("in the cooldown the rate falls evenly to nothing, before it is as it was", () => {
    const values = rates({ kind: "constant", peak: 1, cooldown: 0.4 }, 10);
    expect(values).toEqual([1, 1, 1, 1, 1, 1, 1, 0.75, 0.5, 0.25]);
    const cosine = rates({ kind: "cosine", peak: 1, cooldown: 0.5 }, 100);
    expect(cosine.slice(0, 51)).toEqual(rates({ kind: "cosine", peak: 1 }, 100).slice(0, 51));
    expect(cosine[75]).toBeCloseTo(rates({ kind: "cosine", peak: 1 }, 100)[75]! / 2, 12);
  });

  test("never above the peak, never below zero, for any length", () => {
    const kinds = fc.constantFrom("cosine", "oneCycle", "constant");
    fc.assert(
      fc.property(kinds, fc.integer({ min: 1, max: 300 }), (kind, steps) => {
        for (const value of rates({ kind, peak: 0.5 }, steps)) {
          expect(value).toBeGreaterThan(0 - 1e-12);
          expect(value).toBeLessThanOrEqual(0.5);
        }
      }),
    );
  });
});
