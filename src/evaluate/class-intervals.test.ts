import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom, fairFaceAgeGroups, moods } from "../core/index.ts";
import { midPInterval } from "./binomial.ts";
import { balancedAccuracyInterval, macroF1Interval } from "./class-intervals.ts";
import { subjectIndices } from "./bootstrap.ts";
import { balancedAccuracy, macroF1 } from "./metrics/classification.ts";
import { unitWeights } from "./metrics/weights.ts";
import { buildSample } from "./sample.ts";
import { facePrediction } from "./testing.ts";

/** Faces by annotated and named mood; `undefined` was not found. Each `copies` times under one subject. */
function sampleOf(pairs: readonly (readonly [number, number | undefined])[], copies = 1) {
  const faces = pairs.flatMap(([truth, named], index) =>
    Array.from({ length: copies }, (_, copy) =>
      facePrediction(`${index}-${copy}`, {
        subjectId: String(index),
        labels: { mood: moods[truth]! },
        found: named !== undefined,
        probabilities: named === undefined ? {} : { mood: moods.map((_mood, mood) => (mood === named ? 0.7 : 0.05)) },
      }),
    ),
  );
  const sample = buildSample(faces, "mood", fairFaceAgeGroups);
  return sample === undefined ? undefined : { sample, rows: [...sample.truth.keys()], subjects: subjectIndices(sample).subjects };
}

const metrics = [
  ["balanced accuracy", balancedAccuracyInterval, balancedAccuracy],
  ["macro F1", macroF1Interval, macroF1],
] as const;

describe.each(metrics)("the interval of %s", (_, intervalOf, valueOf) => {
  test("holds its value and stays within 0 and 1, whatever was named", () => {
    const mood = fc.integer({ min: 0, max: 6 });
    fc.assert(
      fc.property(fc.array(fc.tuple(mood, fc.option(mood, { nil: undefined })), { minLength: 1, maxLength: 40 }), (pairs) => {
        const part = sampleOf(pairs);
        if (part === undefined) return;
        const { low, high } = intervalOf(part)!;
        const value = valueOf(part.sample, unitWeights(part.sample.count))!;
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThan(high);
        expect(value).toBeGreaterThanOrEqual(low - 1e-12);
        expect(value).toBeLessThanOrEqual(high + 1e-12);
      }),
      { numRuns: 500 },
    );
  });

  test("one face says next to nothing", () => {
    const { low, high } = intervalOf(sampleOf([[3, 3]])!)!;
    expect(low).toBeLessThan(0.15);
    expect(high).toBe(1);
  });

  test("five of five in each of two classes are not certain", () => {
    const { low, high } = intervalOf(sampleOf(Array.from({ length: 10 }, (__, face) => [face % 2, face % 2]))!)!;
    expect(low).toBeGreaterThan(0.5);
    expect(low).toBeLessThan(0.8);
    expect(high).toBe(1);
  });

  test("a class without faces changes nothing", () => {
    const pairs = Array.from({ length: 60 }, (__, face) => [face % 3, face % 7 === 0 ? (face + 1) % 3 : face % 3] as const);
    const swapped = pairs.map(([truth, named]) => [truth + 4, named + 4] as const);
    expect(intervalOf(sampleOf(swapped)!)).toEqual(intervalOf(sampleOf(pairs)!));
  });

  test("copies of faces do not make it narrower", () => {
    const pairs = Array.from({ length: 70 }, (__, face) => [face % 5, face % 4 === 0 ? (face + 1) % 5 : face % 5] as const);
    const width = (copies: number): number => {
      const { low, high } = intervalOf(sampleOf(pairs, copies)!)!;
      return high - low;
    };
    expect(width(3)).toBeGreaterThanOrEqual(width(1) - 1e-9);
    expect(width(3)).toBeLessThan(1.1 * width(1));
  });

  test("holds the truth of a rare class and six others in about 95 of 100 splits of 50 faces", () => {
    // As FER2013; the table of docs/lab/intervals.md has more.
    const shares = [0.138, 0.015, 0.143, 0.25, 0.169, 0.112, 0.173];
    const random = createRandom(5);
    const pick = (weights: readonly number[]): number => {
      let rest = random.uniform();
      const index = weights.findIndex((weight) => (rest -= weight) < 0);
      return index < 0 ? weights.length - 1 : index;
    };
    const right = 0.7;
    const wrong = (1 - right) / 6;
    let held = 0;
    for (let split = 0; split < 500; split++) {
      const part = sampleOf(
        Array.from({ length: 50 }, () => {
          const truth = pick(shares);
          return [truth, random.uniform() < right ? truth : (truth + 1 + random.integer(6)) % 7];
        }),
      )!;
      const seen = new Set([...part.sample.truth, ...(intervalOf === macroF1Interval ? part.sample.predicted : [])]);
      const trueF1 = shares.map((share) => (2 * share * right) / (share + share * right + (1 - share) * wrong));
      const truths = [...seen].map((mood) => (intervalOf === macroF1Interval ? trueF1[mood]! : right));
      const truth = truths.reduce((sum, value) => sum + value, 0) / truths.length;
      const { low, high } = intervalOf(part)!;
      if (low <= truth && truth <= high) held++;
    }
    // 95 % of 500 with three standard errors of room.
    expect(held).toBeGreaterThan(460);
  });
});

test("of one class the mean is its share", () => {
  const part = sampleOf(Array.from({ length: 12 }, (_, face) => [2, face < 9 ? 2 : 4]))!;
  expect(balancedAccuracyInterval(part)).toEqual({
    low: expect.closeTo(midPInterval(0.75, 12).low, 12),
    high: expect.closeTo(midPInterval(0.75, 12).high, 12),
  });
});
