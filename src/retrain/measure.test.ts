import fc from "fast-check";
import { expect, test } from "vitest";
import { createRandom } from "../core/index.ts";
import { wilsonInterval } from "../evaluate/index.ts";
import { measureTest, type TestMeasures } from "./measure.ts";

/** The accuracy of so many rows, of which the first are told right; `sets` says which stand together. */
function accuracyOf(right: number, sets: readonly number[]) {
  const rows = Int32Array.from(sets.keys());
  const answers = Float64Array.from(sets.flatMap((_, row) => (row < right ? [0.9, 0.1] : [0.1, 0.9])));
  const targets = { kind: "classes", labels: 2, classes: new Int32Array(sets.length) } as const;
  const measures = measureTest(targets, { kind: "held out", rows, answers }, sets, undefined);
  if (measures.kind !== "classes") throw new TypeError("classes are measured as classes");
  return measures.accuracy;
}

test("rows that are each a set of their own have Wilson's interval", () => {
  expect(accuracyOf(44, [...Array.from({ length: 48 }).keys()])).toEqual({ value: 44 / 48, ...wilsonInterval(44 / 48, 48) });
});

test("rows of one set never make the interval narrower than as many rows of their own would", () => {
  const cases = fc.tuple(
    fc.integer({ min: 4, max: 80 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.integer({ min: 2, max: 80 }),
    fc.nat(),
  );
  fc.assert(
    fc.property(cases, ([n, share, count, seed]) => {
      const right = Math.round(share * n);
      const random = createRandom(seed);
      const { low, high } = accuracyOf(
        right,
        Array.from({ length: n }, () => random.integer(count)),
      );
      const alone = wilsonInterval(right / n, n);
      expect(low).toBeLessThanOrEqual(alone.low + 1e-12);
      expect(high).toBeGreaterThanOrEqual(alone.high - 1e-12);
    }),
  );
});

test("sets that are told right or wrong as one count as one row each", () => {
  const sets = Array.from({ length: 40 }, (_, row) => Math.floor(row / 4));
  const { low, high } = accuracyOf(28, sets);
  const asOne = wilsonInterval(0.7, 10);
  expect(low).toBeLessThanOrEqual(asOne.low);
  expect(high).toBeGreaterThanOrEqual(asOne.high);
});

test("the mean error of one set has an interval that is no point, and each number is held by its own interval", () => {
  const values = Float64Array.from({ length: 12 }, (_, row) => row);
  const rows = Int32Array.from(values.keys());
  const answers = values.map((value, row) => value + row / 10);
  const intervals = Array.from(rows, (row) => (row % 2 === 0 ? { low: -2, high: 2 } : { low: 0, high: 0 }));
  const measures = measureTest({ kind: "number", values }, { kind: "cross-validation", rows, answers, intervals }, new Int32Array(12), {
    low: -2,
    high: 2,
  });
  if (measures.kind !== "number") throw new TypeError("numbers are measured as numbers");
  expect(measures.meanAbsoluteError.low).toBeLessThan(measures.meanAbsoluteError.value);
  expect(measures.meanAbsoluteError.high).toBeGreaterThan(measures.meanAbsoluteError.value);
  expect(measures.coverage).toBe(0.5);
});

/** What one caller of each kind asks for: the compiler follows a chain of questions to the last kind, which none of them names. */
function mainNumber(measures: TestMeasures): number {
  if (measures.kind === "classes") return measures.accuracy.value;
  else if (measures.kind === "ordered") return measures.oneOffAccuracy;
  else if (measures.kind === "tags") return measures.accuracy.value;
  return measures.meanAbsoluteError.value;
}

test("each kind of measures can be told from the others by its name", () => {
  const rows = Int32Array.of(0, 1, 2, 3);
  const sets = [0, 1, 2, 3];
  const [labels, classes] = [3, Int32Array.of(0, 1, 2, 2)];
  const answers = Float64Array.of(1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1);
  const numberOf = (kind: "classes" | "ordered"): number =>
    mainNumber(measureTest({ kind, labels, classes }, { kind: "held out", rows, answers }, sets, undefined));
  expect([numberOf("classes"), numberOf("ordered")]).toEqual([0.5, 0.75]);
  const number = { kind: "number", values: Float64Array.of(1, 2, 3, 4) } as const;
  const off = measureTest(number, { kind: "held out", rows, answers: Float64Array.of(2, 2, 3, 4) }, sets, undefined);
  expect(mainNumber(off)).toBe(0.25);
});
