import { describe, expect, test } from "vitest";
import { confidentLearning } from "./confident-learning.ts";
import { crossValidatedProbabilities } from "./logistic-regression.ts";

describe("confident learning", () => {
  // Worked by hand. Thresholds: class 0 (0.9 + 0.8 + 0.1) / 3 = 0.6, class 1 (0.7 + 0.9) / 2 = 0.8.
  const probabilities = Float64Array.of(0.9, 0.1, 0.8, 0.2, 0.1, 0.9, 0.3, 0.7, 0.1, 0.9);
  const result = confidentLearning(probabilities, [0, 0, 0, 1, 1], 2);

  test("thresholds, the confident joint and its calibration", () => {
    expect(result.thresholds[0]).toBeCloseTo(0.6, 12);
    expect(result.thresholds[1]).toBeCloseTo(0.8, 12);
    expect(result.confidentJoint).toEqual([
      [2, 1],
      [0, 1],
    ]);
    expect(result.joint.map((row) => row.map((value) => Math.round(value * 1e6) / 1e6))).toEqual([
      [0.4, 0.2],
      [0, 0.4],
    ]);
  });

  test("names the wrong one", () => {
    expect(result.verdicts.map(({ isConfidentError }) => isConfidentError)).toEqual([false, false, true, false, false]);
    expect(result.verdicts[2]).toMatchObject({ suggested: 1, selfConfidence: 0.1 });
    expect(result.verdicts[2]!.margin).toBeCloseTo(-0.8, 12);
  });
});

describe("labels judged by those who have not seen them", () => {
  const folds = (count: number, of: (row: number) => number) => Int32Array.from({ length: count }, (_, row) => of(row));

  test("more faces than a function call takes arguments", () => {
    const rows = 200_000;
    const features = { rows, columns: 1, data: new Float32Array(rows) };
    const labels = folds(rows, (row) => row % 2);
    const probabilities = crossValidatedProbabilities(features, labels, labels, 2, { steps: 1, batchSize: rows });
    expect(probabilities.length).toBe(2 * rows);
  });

  test("where all are linked nobody can judge: no class is more probable than another", () => {
    const features = { rows: 4, columns: 1, data: Float32Array.of(1, 2, 3, 4) };
    const probabilities = crossValidatedProbabilities(
      features,
      Int32Array.of(0, 1, 0, 1),
      folds(4, () => 3),
      2,
    );
    expect([...probabilities]).toEqual(Array.from(probabilities, () => 0.5));
  });
});
