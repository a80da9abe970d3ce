import { expect, test } from "vitest";
import { evaluateTasks } from "../evaluate.ts";
import type { FacePrediction } from "../prediction.ts";
import { ageDistribution, facePrediction } from "../testing.ts";
import { describeCoverage } from "./coverage.ts";

/** Faces whose expected age is off by steps that spread over +-`error` years, while the distribution says a deviation of 4. */
function facesWith(count: number, error: (age: number) => number): FacePrediction[] {
  return Array.from({ length: count }, (_, index) => {
    const age = 20 + (index % 50);
    const off = (((index * 7919) % 101) / 50 - 1) * error(age);
    return facePrediction(String(index), {
      labels: { age: { low: age, high: age } },
      probabilities: { age: ageDistribution(age + off, 4) },
    });
  });
}

const wordsFor = (faces: readonly FacePrediction[]): string =>
  describeCoverage(evaluateTasks(faces, { replicates: 200 }).age!)
    .map((block) => (block.kind === "text" ? block.text : ""))
    .join(" ");

test("an interval that holds what it promises needs no words", () => {
  expect(wordsFor(facesWith(1000, () => 5))).toBe("");
});

test("one that does not is said to be too narrow, with its own interval", () => {
  const words = wordsFor(facesWith(1000, () => 12));
  expect(words).toMatch(
    /^The 80 % age interval holds fewer ages than it promises: \d\d\.\d % of these faces \(\d\d\.\d % to \d\d\.\d %\)\./,
  );
});

test("so few faces that chance may have done it are called no failure", () => {
  expect(wordsFor(facesWith(6, () => 7))).toBe("");
});

test("chance is counted out: none of three at one decade is what chance does in 1 of 125, and twelve decades are looked at", () => {
  const right = { n: 3, subjects: 3, meanAbsoluteError: 9, meanError: 9 };
  const report = (covered: readonly (readonly [number, number])[]) =>
    describeCoverage({
      ...evaluateTasks(
        facesWith(50, () => 4),
        { replicates: 2 },
      ).age!,
      errorByAge: covered.map(([low, n]) => ({ ...right, n, subjects: n, low, high: low + 9, intervalCoverage: 0 })),
    });
  expect(report([[100, 3]])).toEqual([]);
  expect(JSON.stringify(report([[100, 4]]))).toContain("100\u2013109 (0.0 % of n = 4)");
});

test("the ages at which it fails are named, where all ages together hide them", () => {
  const words = wordsFor(facesWith(1500, (age) => (age < 30 ? 14 : 4)));
  expect(words).toContain("20\u201329 (");
  expect(words).not.toContain("40\u201349");
});
