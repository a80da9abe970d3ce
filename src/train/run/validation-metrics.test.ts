import { describe, expect, test } from "vitest";
import { givenMetrics, selectionScore, validationMetrics } from "./validation-metrics.ts";

/** Logits that put nearly everything on one class. */
const peaks = (width: number, classes: readonly number[]): Float32Array => {
  const values = new Float32Array(width * classes.length);
  for (const [row, column] of classes.entries()) values[row * width + column] = 50;
  return values;
};

describe("validationMetrics", () => {
  test("accuracy and balanced accuracy count only labelled faces", () => {
    const labels = [{ gender: "female" }, { gender: "female" }, { gender: "female" }, { gender: "male" }, {}] as const;
    const metrics = validationMetrics([{ task: "gender", width: 2, values: peaks(2, [0, 0, 1, 1, 1]) }], labels);
    expect(metrics).toEqual({ "gender.count": 4, "gender.accuracy": 0.75, "gender.balancedAccuracy": (2 / 3 + 1) / 2 });
  });

  test("exact ages give an error in years, ages and groups a group accuracy", () => {
    const labels = [
      { age: { low: 25, high: 25 } },
      { age: { low: 30, high: 39 } },
      { age: { low: 15, high: 25 } },
      { age: { low: 70, high: 120 } },
    ];
    const metrics = validationMetrics([{ task: "age", width: 101, values: peaks(101, [28, 40, 20, 50]) }], labels);
    expect(metrics["age.meanAbsoluteError"]).toBeCloseTo(3, 6);
    // 28 is in 20-29, 40 one group too old for 30-39, 15-25 lies in two groups and stays out, 50 is two too young for 70+.
    expect(metrics["age.count"]).toBe(3);
    expect(metrics["age.groupAccuracy"]).toBeCloseTo(1 / 3, 9);
    expect(metrics["age.oneOffAccuracy"]).toBeCloseTo(2 / 3, 9);
  });

  test("a head without labels gives nothing, and no selection", () => {
    const metrics = validationMetrics([{ task: "mood", width: 7, values: peaks(7, [1]) }], [{}]);
    expect(metrics).toEqual({});
    expect(selectionScore(metrics, ["mood.accuracy"])).toBeNaN();
  });

  test("a head of which nothing says what it tells is no mood", () => {
    const silent = [{ task: "glasses", width: 7, values: peaks(7, [1]) }];
    expect(() => validationMetrics(silent, [{ mood: "happy" }])).toThrow(/head "glasses"/);
  });

  test("what labels give is known before any network has spoken", () => {
    expect(givenMetrics([{ age: { low: 30, high: 39 } }, { gender: "male" }])).toEqual(
      new Set(["age.count", "age.groupAccuracy", "age.oneOffAccuracy", "gender.count", "gender.accuracy", "gender.balancedAccuracy"]),
    );
    expect(givenMetrics([{ age: { low: 31, high: 31 } }]).has("age.meanAbsoluteError")).toBe(true);
  });

  test("the selection is a mean in which years count against", () => {
    expect(
      selectionScore({ "gender.accuracy": 0.9, "age.meanAbsoluteError": 5 }, ["gender.accuracy", "age.meanAbsoluteError"]),
    ).toBeCloseTo(0.425);
  });
});
