import { expect, test } from "vitest";
import { createRandom } from "../core/index.ts";
import { fitScaling } from "./scaling.ts";

/** One column of numbers around a centre. */
function column(centre: number, deviation: number, rows = 1000) {
  const random = createRandom(3);
  return { rows, columns: 1, data: Float32Array.from({ length: rows }, () => centre + deviation * random.normal()) };
}

/** What `fitScaling` should say, in two passes over doubles. */
function deviationOf(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

test.each([0, 10, 300, 1000, -4000])("a column around %d is scaled by its deviation", (centre) => {
  const features = column(centre, 0.1);
  const { inverse } = fitScaling(features, features.data.keys().toArray());
  expect(inverse[0]! * deviationOf(features.data)).toBeCloseTo(1, 4);
});

test("a constant column is left out", () => {
  for (const value of [0, 0.1, 1000.3]) {
    const features = column(value, 0);
    expect(fitScaling(features, features.data.keys().toArray()).inverse[0]).toBe(0);
  }
});
