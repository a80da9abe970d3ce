import { expect, test } from "vitest";
import { evaluateModels, evaluateTasks } from "../evaluate.ts";
import type { FacePrediction } from "../prediction.ts";
import { ageDistribution, facePrediction } from "../testing.ts";
import { describeCoverage } from "./coverage.ts";
import { renderMarkdown } from "./render.ts";

/** Faces whose expected age is off by steps that spread over +-`error` years, while the distribution says a deviation of 4. */
function facesWith(count: number, error: (age: number) => number, intervalLevels?: FacePrediction["intervalLevels"]): FacePrediction[] {
  return Array.from({ length: count }, (_, index) => {
    const age = 20 + (index % 50);
    const off = (((index * 7919) % 101) / 50 - 1) * error(age);
    return facePrediction(String(index), {
      labels: { age: { low: age, high: age } },
      probabilities: { age: ageDistribution(age + off, 4) },
      intervalLevels,
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

test("a calibrated model is held to the level that it promises, in words and titles", () => {
  const faces = facesWith(1000, () => 6, { age: 0.975 });
  expect(wordsFor(facesWith(1000, () => 6))).toBe("");
  expect(wordsFor(faces)).toMatch(/^The 97\.5 % age interval holds fewer ages than it promises/);
  const head = { id: "calibrated", title: "a test's", tasks: ["age" as const], sha256: "0".repeat(64), bytes: 1, licence: "MIT" };
  const report = evaluateModels(
    [{ model: { id: head.id, heads: [head] }, role: "held out", predictions: faces }],
    { name: "drawn", format: "csv", split: "test", path: "crop", rejected: {}, notes: [] },
    { created: "2026-11-29", version: "0" },
    { replicates: 200 },
  );
  const text = renderMarkdown(report);
  expect(text).toContain("coverage of the 97.5 % age interval");
  expect(text).toContain("mean width of the 97.5 % age interval");
  expect(text).toContain("inside the 97.5 % interval");
  expect(text).not.toContain("80 %");
});

test("what a temperature changes of intervals is told of the level that they have", () => {
  const head = { id: "a", title: "a", tasks: ["age"], sha256: "0".repeat(64), bytes: 1, licence: "MIT" };
  const textFor = (levels?: FacePrediction["intervalLevels"]): string =>
    renderMarkdown(
      evaluateModels(
        [{ model: { id: head.id, heads: [head] }, role: "held out", predictions: facesWith(400, () => 6, levels) }],
        { name: "drawn", format: "csv", split: "test", path: "crop", rejected: {}, notes: [] },
        { created: "2026-11-30", version: "0" },
        { replicates: 2, fitTemperature: true },
      ),
    );
  expect(textFor()).toMatch(/coverage of the 80 % interval.*share of the distribution that an interval of 80 % takes/s);
  expect(textFor({ age: 0.9 })).toMatch(/coverage of the 90 % interval.*share of the distribution that an interval of 90 % takes/s);
  expect(textFor({ age: 0.9 })).not.toContain("80 % interval");
});
