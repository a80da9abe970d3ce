import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  adienceAgeGroups,
  ageCount,
  ageGroupProbabilities,
  ageInterval,
  expectedYears,
  fairFaceAgeGroups,
  largestTail,
  massToReach,
} from "./index.ts";

const uniform = new Float64Array(ageCount).fill(1 / ageCount);
const certain = (year: number) => Float64Array.from({ length: ageCount }, (_, index) => (index === year ? 1 : 0));
const tails = fc.double({ min: 0, max: largestTail, noNaN: true });
const distributions = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: ageCount, maxLength: ageCount }).map((values) => {
  const sum = values.reduce((total, value) => total + value, 1e-9);
  return values.map((value, index) => (value + (index === 0 ? 1e-9 : 0)) / sum);
});

describe("an age distribution", () => {
  test("known readings", () => {
    expect(expectedYears(uniform)).toBeCloseTo(50, 9);
    expect(ageInterval(uniform)).toEqual({ low: 10, high: 90 });
    expect(expectedYears(certain(37))).toBe(37);
    expect(ageInterval(certain(0))).toEqual({ low: 0, high: 0 });
    expect(ageInterval(certain(100))).toEqual({ low: 100, high: 100 });
  });

  test("each tail that the interval leaves out is the wanted one, to half of a year at its end", () => {
    fc.assert(
      fc.property(distributions, fc.double({ min: 0.5, max: 0.99, noNaN: true }), (distribution, level) => {
        const { low, high } = ageInterval(distribution, level);
        const mass = (from: number, to: number) => distribution.slice(from, to).reduce((sum, value) => sum + value, 0);
        const tail = (1 - level) / 2;
        expect(low).toBeLessThanOrEqual(high);
        for (const [outside, end, next] of [
          [mass(0, low), distribution[low]!, distribution[low - 1] ?? 0],
          [mass(high + 1, ageCount), distribution[high]!, distribution[high + 1] ?? 0],
        ] as const) {
          expect(outside).toBeGreaterThanOrEqual(tail - end / 2 - 1e-6);
          expect(outside).toBeLessThanOrEqual(tail + next / 2 + 1e-6);
        }
      }),
    );
  });

  test("what is left out may differ on both sides, and the median stays inside", () => {
    fc.assert(
      fc.property(distributions, tails, tails, (distribution, below, above) => {
        const interval = ageInterval(distribution, { below, above });
        expect(interval.low).toBe(ageInterval(distribution, 1 - 2 * below).low);
        expect(interval.high).toBe(ageInterval(distribution, 1 - 2 * above).high);
        const median = ageInterval(distribution, { below: largestTail, above: largestTail });
        expect(interval.low).toBeLessThanOrEqual(median.low);
        expect(interval.high).toBeGreaterThanOrEqual(median.high);
      }),
    );
  });

  test("people whose ages follow their distributions are in their intervals as often as the level says", () => {
    const bell = (middle: number) => {
      const weights = Array.from({ length: ageCount }, (_, year) => Math.exp(-(((year - middle) / 5) ** 2) / 2));
      const sum = weights.reduce((total, value) => total + value, 0);
      return weights.map((value) => value / sum);
    };
    const covered = Array.from({ length: 500 }, (_, index) => {
      const distribution = bell(25 + index / 10);
      const { low, high } = ageInterval(distribution);
      return distribution.slice(low, high + 1).reduce((sum, value) => sum + value, 0);
    });
    expect(covered.reduce((sum, value) => sum + value, 0) / covered.length).toBeCloseTo(0.8, 2);
  });

  test("an interval holds a year from the mass on that the year needs", () => {
    fc.assert(
      fc.property(distributions, fc.integer({ min: 0, max: ageCount - 1 }), (distribution, year) => {
        const needed = massToReach(distribution, year);
        const isHeld = (mass: number) => {
          const { low, high } = ageInterval(distribution, mass);
          return low <= year && year <= high;
        };
        fc.pre(needed < 0.999);
        expect(isHeld(Math.max(needed + 1e-6, 0.5))).toBe(true);
        fc.pre(needed > 0.501);
        expect(isHeld(needed - 1e-6)).toBe(false);
      }),
    );
    expect(massToReach(certain(40), 40)).toBe(0);
    expect(massToReach(certain(40), 41)).toBe(1);
  });

  test("groups keep the whole mass, and a gap's years go to the nearest group", () => {
    fc.assert(
      fc.property(distributions, fc.constantFrom(adienceAgeGroups, fairFaceAgeGroups), (distribution, groups) => {
        expect(ageGroupProbabilities(distribution, groups).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
      }),
    );
    expect([...ageGroupProbabilities(certain(35), adienceAgeGroups)]).toEqual([0, 0, 0, 0, 1, 0, 0, 0]);
  });
});
