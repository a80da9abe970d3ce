import { describe, expect, test } from "vitest";
import { discriminantLogits, foldFeatures, regressedLogits, regressedValues } from "./cross-fitting.ts";

describe("labels judged by those who have not seen them", () => {
  test("more faces than a function call takes arguments", () => {
    const rows = 200_000;
    const labels = Int32Array.from({ length: rows }, (_, row) => row % 2);
    const features = foldFeatures({ rows, columns: 1, data: new Float32Array(rows) }, labels);
    expect(discriminantLogits(features, labels, 2).length).toBe(2 * rows);
  });

  test("where all are linked nobody can judge: no class and no number is more probable than another", () => {
    const folds = new Int32Array(4).fill(3);
    const features = foldFeatures({ rows: 4, columns: 1, data: Float32Array.of(1, 2, 3, 4) }, folds);
    expect([...discriminantLogits(features, Int32Array.of(0, 1, 0, 1), 2)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect([...regressedValues(features, Float64Array.of(1, 2, 3, 6))]).toEqual([3, 3, 3, 3]);
    expect(new Set(regressedLogits(features, Int32Array.of(0, 1, 0, 1), 2)).size).toBe(1);
  });

  test("a class and a number that the features tell are told to rows of other folds", () => {
    const rows = 60;
    const data = Float32Array.from({ length: rows }, (_, row) => (row % 2 === 0 ? row / rows - 3 : row / rows + 3));
    const features = foldFeatures(
      { rows, columns: 1, data },
      Int32Array.from({ length: rows }, (_, row) => row % 5),
    );
    const labels = Int32Array.from({ length: rows }, (_, row) => row % 2);
    const logits = discriminantLogits(features, labels, 2);
    expect(labels.every((label, row) => logits[2 * row + label]! > logits[2 * row + 1 - label]!)).toBe(true);
    const shares = regressedLogits(features, labels, 2);
    expect(labels.every((label, row) => shares[2 * row + label]! > shares[2 * row + 1 - label]!)).toBe(true);
    // What is far from a class is bounded: none is impossible.
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(Math.log(0.01));
    const values = regressedValues(features, Float64Array.from(labels));
    expect(labels.every((label, row) => Math.abs(values[row]! - label) < 0.5)).toBe(true);
  });
});
