import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FaceLabels } from "../../datasets/record.ts";
import { ageGaussian, encodeTargets, encodeTeacher, gatherTargets, targetSchema } from "./targets.ts";

const labels: FaceLabels[] = [
  { gender: "male", age: { low: 30, high: 39 } },
  { gender: "female", age: { low: 25, high: 25 } },
  { mood: "happy", moodVotes: [0, 0, 0, 0.5, 0, 0, 0.5] },
  { mood: "fear" },
  { age: { low: 110, high: 110 } },
  { age: { low: 70, high: 150 } },
];
const table = (kind: object) => encodeTargets(targetSchema.parse(kind), labels);
const row = (kind: object, index: number): number[] => {
  const { values, width } = table(kind);
  return [...values.subarray(index * width, (index + 1) * width)];
};

describe("encodeTargets", () => {
  test("a missing label has weight 0, whatever the target", () => {
    expect([...table({ kind: "gender" }).weights]).toEqual([1, 1, 0, 0, 0, 0]);
    expect([...table({ kind: "mood" }).weights]).toEqual([0, 0, 1, 1, 0, 0]);
    expect([...table({ kind: "ageGroup" }).weights]).toEqual([1, 0, 0, 0, 0, 1]);
    expect([...table({ kind: "ageDistribution" }).weights]).toEqual([0, 1, 0, 0, 1, 0]);
    expect([...table({ kind: "ageYears" }).weights]).toEqual([0, 1, 0, 0, 1, 0]);
  });

  test("votes mix with the annotated mood by their share", () => {
    expect(row({ kind: "mood", votes: 0.5 }, 2)).toEqual([0, 0, 0, 0.75, 0, 0, 0.25]);
    expect(row({ kind: "mood", votes: 0.5 }, 3)).toEqual([0, 0, 1, 0, 0, 0, 0]);
    expect(row({ kind: "mood" }, 2)).toEqual([0, 0, 0, 1, 0, 0, 0]);
    expect(row({ kind: "gender" }, 0)).toEqual([0, 1]);
    expect([row({ kind: "isMale" }, 0), row({ kind: "isMale" }, 1)]).toEqual([[1], [0]]);
  });

  test("an age group is its years; ages beyond 100 are 100", () => {
    const thirties = row({ kind: "ageGroup" }, 0);
    expect(thirties.flatMap((value, year) => (value === 1 ? [year] : []))).toEqual([30, 31, 32, 33, 34, 35, 36, 37, 38, 39]);
    expect(row({ kind: "ageGroup" }, 5).lastIndexOf(1)).toBe(100);
    expect(row({ kind: "ageYears" }, 4)).toEqual([100]);
  });

  test("an age that several people guessed is as wide as they differ, and no narrower than a year", () => {
    const guessed = (deviation: number): FaceLabels => ({ age: { low: 40, high: 40, deviation } });
    const { values, width } = encodeTargets(targetSchema.parse({ kind: "ageDistribution", deviation: 3 }), [guessed(6), guessed(0.3)]);
    const rowOf = (index: number): number[] => [...values.subarray(index * width, (index + 1) * width)];
    expect(rowOf(0)).toEqual([...Float32Array.from(ageGaussian(40, 6))]);
    expect(rowOf(1)).toEqual([...Float32Array.from(ageGaussian(40, 1))]);
  });

  test("a Gaussian over the years sums to 1 and peaks at the age", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.double({ min: 0.5, max: 10, noNaN: true }), (age, deviation) => {
        const density = ageGaussian(age, deviation);
        expect(density.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
        expect(density.indexOf(Math.max(...density))).toBe(age);
      }),
    );
  });
});

describe("encodeTeacher", () => {
  test("softens by the temperature, and weighs only what the teacher answered", () => {
    const { values, weights, width } = encodeTeacher([[0.9, 0.1], undefined, [1, 0]], 2, 2);
    expect([width, [...weights]]).toEqual([2, [1, 0, 1]]);
    // Square roots of 0.9 and 0.1 are as 3 to 1.
    expect(values[0]).toBeCloseTo(0.75, 6);
    expect(values[1]).toBeCloseTo(0.25, 6);
    expect(values.every(Number.isFinite)).toBe(true);
  });
});

describe("gatherTargets", () => {
  test("takes rows in order, scalars without a second axis", () => {
    const { values, weights } = gatherTargets(table({ kind: "ageYears" }), [1, 0, 4]);
    expect(values.shape).toEqual([3]);
    expect([...values.data]).toEqual([25, 0, 100]);
    expect([...weights.data]).toEqual([1, 0, 1]);
  });

  test("mixes targets by the share kept, and counts only what has a label", () => {
    const mix = { kind: "mixup", kept: 0.75, rotation: 1, box: undefined } as const;
    const { values, weights } = gatherTargets(table({ kind: "gender" }), [0, 1, 2], mix);
    expect([...values.data]).toEqual([0.25, 0.75, 1, 0, 0, 1]);
    expect([...weights.data]).toEqual([1, 0.75, 0.25]);
  });
});
