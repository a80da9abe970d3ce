import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { fairFaceAgeGroups, moods, softmax } from "../core/index.ts";
import { wilsonInterval } from "./binomial.ts";
import { classScores, confusionMatrix } from "./metrics/classification.ts";
import { metricById, metricIds } from "./metrics/registry.ts";
import { unitWeights } from "./metrics/weights.ts";
import { buildSample } from "./sample.ts";
import { ageDistribution, facePrediction } from "./testing.ts";
import { fitTemperature } from "./temperature.ts";
import { applyVectorScaling, fitVectorScaling } from "./vector-scaling.ts";

const numbers = z.array(z.number());
const scores = z.looseObject({
  confusionMatrix: z.array(numbers),
  precision: numbers,
  recall: numbers,
  f1: numbers,
});
const vectors = z
  .object({
    logits: z.array(numbers),
    truth: numbers,
    weights: numbers,
    unweighted: scores,
    weighted: scores,
    temperature: z.number(),
    vectorScaling: z.object({ loss: z.number(), scale: numbers }),
    age: z.looseObject({ truth: numbers, means: numbers, spreads: numbers }),
    wilson: z.array(z.object({ hits: z.number(), n: z.number(), low: z.number(), high: z.number() })),
  })
  .parse(JSON.parse(readFileSync(new URL("../../test/vectors/evaluation.json", import.meta.url), "utf8")));

const moodSample = buildSample(
  vectors.logits.map((logits, row) =>
    facePrediction(String(row), { labels: { mood: moods[vectors.truth[row]!]! }, probabilities: { mood: [...softmax(logits)] } }),
  ),
  "mood",
  fairFaceAgeGroups,
)!;

describe("scikit-learn's numbers", () => {
  test.each([
    ["unweighted", vectors.unweighted, unitWeights(moodSample.count)],
    ["weighted", vectors.weighted, Float64Array.from(vectors.weights)],
  ] as const)("of classes, %s", (_, expected, weights) => {
    const compared = metricIds.filter((id) => id in expected);
    expect(compared.length).toBeGreaterThanOrEqual(6);
    for (const id of compared) expect(metricById(id).compute(moodSample, weights)).toBeCloseTo(Number(expected[id]), 10);
    const matrix = confusionMatrix(moodSample, weights);
    expect(matrix.counts).toEqual(expected.confusionMatrix);
    for (const [index, scores] of classScores(moods, matrix).entries()) {
      expect(scores.recall).toBeCloseTo(expected.recall[index]!, 12);
      expect(scores.precision ?? 0).toBeCloseTo(expected.precision[index]!, 12);
      expect(scores.f1).toBeCloseTo(expected.f1[index]!, 12);
    }
  });

  test("of ages", () => {
    const { truth, means, spreads } = vectors.age;
    const faces = truth.map((age, row) =>
      facePrediction(String(row), {
        labels: { age: { low: age, high: age } },
        probabilities: { age: ageDistribution(means[row]!, spreads[row]!) },
      }),
    );
    const sample = buildSample(faces, "age", fairFaceAgeGroups)!;
    const compared = metricIds.filter((id) => id in vectors.age);
    expect(compared).toHaveLength(7);
    for (const id of compared) {
      expect(metricById(id).compute(sample, unitWeights(sample.count))).toBeCloseTo(Number(vectors.age[id]), 10);
    }
  });
});

describe("SciPy's optima", () => {
  test("temperature", () => {
    const targets = vectors.truth.map((index) => ({ low: index, high: index }));
    expect(fitTemperature(vectors.logits, targets)).toBeCloseTo(vectors.temperature, 4);
  });

  test("vector scaling", () => {
    const scaling = fitVectorScaling(vectors.logits, vectors.truth);
    const loss = vectors.logits.reduce((sum, logits, row) => sum - Math.log(applyVectorScaling(logits, scaling)[vectors.truth[row]!]!), 0);
    const start = [...scaling.scale.map((value) => value - 1), ...scaling.bias];
    const penalty = (1e-6 / 2) * start.reduce((sum, value) => sum + value ** 2, 0);
    expect(loss / vectors.logits.length + penalty).toBeCloseTo(vectors.vectorScaling.loss, 8);
    for (const [index, value] of scaling.scale.entries()) expect(value).toBeCloseTo(vectors.vectorScaling.scale[index]!, 3);
  });

  test.each(vectors.wilson)("Wilson's interval of $hits in $n", ({ hits, n, low, high }) => {
    const interval = wilsonInterval(hits / n, n);
    expect(interval.low).toBeCloseTo(low, 10);
    expect(interval.high).toBeCloseTo(high, 10);
  });
});
