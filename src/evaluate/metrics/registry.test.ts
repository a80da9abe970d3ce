import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom, fairFaceAgeGroups, kindOfBuiltIn, moods, shuffled, type BuiltInTask } from "../../core/index.ts";
import { buildSample, subSample } from "../sample.ts";
import type { FacePrediction } from "../prediction.ts";
import { ageDistribution, type DrawOptions, drawPredictions, facePrediction, withSets } from "../testing.ts";
import { metrics, metricsOf } from "./registry.ts";
import { unitWeights } from "./weights.ts";

const pairs = metrics.flatMap((metric) => metric.tasks.map((task) => ({ metric, task, name: `${metric.id} of ${task}` })));
const draw = (options: DrawOptions) => withSets(drawPredictions(options));
const sampleOf = (task: BuiltInTask, count = 60, seed = 1) => buildSample(draw({ count, seed, notFound: 0.2 }), task, fairFaceAgeGroups)!;

describe.each(pairs)("$name keeps the contract of metrics", ({ metric, task }) => {
  test("stays in its range, and is never NaN", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer(), (count, seed) => {
        const sample = buildSample(draw({ count, seed, notFound: 0.3 }), task, fairFaceAgeGroups);
        if (sample === undefined) return;
        const value = metric.compute(sample, unitWeights(sample.count));
        if (value === undefined) return;
        expect(value).toBeGreaterThanOrEqual(metric.range[0]);
        expect(value).toBeLessThanOrEqual(metric.range[1]);
      }),
      { numRuns: 50 },
    );
  });

  test("does not depend on the order of the faces", () => {
    const faces = draw({ count: 60, notFound: 0.2 });
    const one = buildSample(faces, task, fairFaceAgeGroups)!;
    const other = buildSample(shuffled(faces, createRandom(5)), task, fairFaceAgeGroups)!;
    expect(metric.compute(other, unitWeights(60))).toBeCloseTo(metric.compute(one, unitWeights(60))!, 10);
  });

  test("a face of weight 0 is as if absent", () => {
    const sample = sampleOf(task);
    const weights = unitWeights(sample.count).map((_, row) => (row % 3 === 0 ? 0 : 1));
    const kept = subSample(sample, (row) => row % 3 !== 0)!;
    expect(metric.compute(sample, weights)).toBeCloseTo(metric.compute(kept, unitWeights(kept.count))!, 10);
  });

  test("two of every face say what one says", () => {
    const sample = sampleOf(task);
    const once = metric.compute(sample, unitWeights(sample.count));
    expect(metric.compute(sample, unitWeights(sample.count).fill(2))).toBeCloseTo(once!, 10);
  });

  test("is absent where no face weighs anything", () => {
    const sample = sampleOf(task);
    expect(metric.compute(sample, new Float64Array(sample.count))).toBeUndefined();
  });

  test("changes neither sample nor weights", () => {
    const sample = sampleOf(task);
    const before = structuredClone(sample);
    const weights = unitWeights(sample.count);
    metric.compute(sample, weights);
    expect(sample).toEqual(before);
    expect(weights).toEqual(unitWeights(sample.count));
  });
});

describe("a model that knows everything", () => {
  const certain = (index: number, length: number) => Array.from({ length }, (_, other) => (other === index ? 1 : 0));
  const faces = Array.from({ length: 90 }, (_, age) =>
    facePrediction(String(age), {
      labels: { age: { low: age, high: age }, gender: age % 2 === 0 ? "female" : "male", mood: moods[age % 7]! },
      probabilities: { age: certain(age, 101), gender: certain(age % 2, 2), mood: certain(age % 7, 7) },
      sets: { gender: [age % 2 === 0 ? "female" : "male"], mood: [moods[age % 7]!] },
    }),
  );
  test.each(pairs.filter(({ metric }) => !metric.id.endsWith("OfFound")))("reaches the best $name", ({ metric, task }) => {
    const sample = buildSample(faces, task, fairFaceAgeGroups)!;
    const best = { higher: metric.range[1], lower: metric.range[0], aim: metric.unit === "years" ? 0 : 1 }[metric.better];
    expect(metric.compute(sample, unitWeights(sample.count))).toBeCloseTo(best, 12);
  });
});

test("every task has metrics, and ids are unique", () => {
  for (const task of ["age", "gender", "mood"] as const) expect(metricsOf({ task, kind: kindOfBuiltIn(task) }).length).toBeGreaterThan(5);
  expect(new Set(metrics.map(({ id }) => id)).size).toBe(metrics.length);
});

test("metrics of exact ages are absent where only groups are known", () => {
  const faces = [facePrediction("a", { labels: { age: { low: 20, high: 29 } }, probabilities: { age: ageDistribution(25, 3) } })];
  const sample = buildSample(faces, "age", fairFaceAgeGroups)!;
  const given = metricsOf({ task: "age", kind: "age" }).filter((metric) => metric.compute(sample, unitWeights(1)) !== undefined);
  const ids = given.map(({ id }) => id);
  expect(ids).toContain("oneOffAccuracy");
  for (const id of ["meanAbsoluteError", "meanError", "cumulativeScore5", "intervalCoverage"] as const) expect(ids).not.toContain(id);
});

test("a set holds a label or not, and has a size; models that were not calibrated have neither", () => {
  const faces = [["happy", "surprise"], ["sad"], ["fear", "happy", "sad"]].map((set, index) =>
    facePrediction(String(index), { labels: { mood: "happy" }, probabilities: { mood: moods.map(() => 1 / 7) }, sets: { mood: set } }),
  );
  const value = (id: string, of: readonly FacePrediction[]) =>
    metrics.find((metric) => metric.id === id)!.compute(buildSample(of, "mood", fairFaceAgeGroups)!, unitWeights(of.length));
  expect(value("setCoverage", faces)).toBeCloseTo(2 / 3, 12);
  expect(value("meanSetSize", faces)).toBe(2);
  const plain = faces.map(({ id, labels, probabilities }) => facePrediction(id, { labels, probabilities }));
  expect([value("setCoverage", plain), value("meanSetSize", plain)]).toEqual([undefined, undefined]);
});

test("faces of one confidence are calibrated as they are together, in whatever order they stand", () => {
  const faces = Array.from({ length: 300 }, (_, index) =>
    facePrediction(String(index), { labels: { gender: index < 180 ? "female" : "male" }, probabilities: { gender: [0.6, 0.4] } }),
  );
  const metric = metrics.find(({ id }) => id === "adaptiveCalibrationError")!;
  for (const order of [faces, shuffled(faces, createRandom(1))])
    expect(metric.compute(buildSample(order, "gender", fairFaceAgeGroups)!, unitWeights(300))).toBeCloseTo(0, 12);
});
