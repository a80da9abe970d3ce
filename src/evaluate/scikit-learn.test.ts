import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { fairFaceAgeGroups, moods, softmax } from "../core/index.ts";
import { validationMetrics } from "../train/run/validation-metrics.ts";
import { chanceOfAtMost, incompleteBeta, midPInterval, studentQuantile } from "./binomial.ts";
import { metricById, metricIds } from "./metrics/registry.ts";
import { unitWeights } from "./metrics/weights.ts";
import { buildSample } from "./sample.ts";
import { facePrediction } from "./testing.ts";

const numbers = z.array(z.number());
const vectors = z
  .object({
    metrics: z.array(z.enum(metricIds)),
    splits: z.array(z.object({ unweighted: numbers, weighted: numbers.nullable() })),
    shares: z.array(z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()])),
    incompleteBeta: z.array(z.tuple([z.number(), z.number(), z.number(), z.number()])),
    student: z.array(z.tuple([z.number(), z.number()])),
  })
  .parse(JSON.parse(readFileSync(new URL("../../test/vectors/metrics.json", import.meta.url), "utf8")));

/** The generator of `test/vectors/metrics.py`. */
function createDraw(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % bound;
  };
}

function drawSplit(seed: number) {
  const draw = createDraw(seed);
  const count = 1 + draw(seed % 5 === 0 ? 30 : 10);
  const allowed = 1 + draw(7);
  return Array.from({ length: count }, () => ({
    truth: draw(allowed),
    logits: Array.from({ length: 7 }, () => draw(5)),
    weight: draw(4),
  }));
}

function sampleOf(faces: ReturnType<typeof drawSplit>) {
  const predictions = faces.map(({ truth, logits }, row) =>
    facePrediction(String(row), { labels: { mood: moods[truth]! }, probabilities: { mood: [...softmax(logits)] } }),
  );
  return buildSample(predictions, "mood", fairFaceAgeGroups)!;
}

describe("scikit-learn's numbers of 2,400 small splits", () => {
  test("every metric, unweighted and weighted", () => {
    const wrong: unknown[] = [];
    let compared = 0;
    for (const [index, expected] of vectors.splits.entries()) {
      const faces = drawSplit(index + 1);
      const sample = sampleOf(faces);
      for (const [weights, values] of [
        [unitWeights(sample.count), expected.unweighted] as const,
        [Float64Array.from(faces, ({ weight }) => weight), expected.weighted] as const,
      ]) {
        for (const [column, id] of vectors.metrics.entries()) {
          const value = metricById(id).compute(sample, weights);
          compared++;
          // Without any weight there is no number, in either.
          const agrees = values === null ? value === undefined : Math.abs(value! - values[column]!) < 1e-8;
          if (!agrees) wrong.push({ split: index + 1, id, value, expected: values?.[column] });
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(compared).toBe(2400 * 2 * 6);
  });

  test("what steers a training says the same as what judges the model", () => {
    for (let index = 0; index < vectors.splits.length; index += 7) {
      const faces = drawSplit(index + 1);
      const values = Float32Array.from(faces.flatMap(({ logits }) => logits));
      const { "mood.accuracy": accuracy, "mood.balancedAccuracy": balancedAccuracy } = validationMetrics(
        [{ task: "mood", width: 7, values }],
        faces.map(({ truth }) => ({ mood: moods[truth]! })),
      );
      expect(accuracy).toBeCloseTo(vectors.splits[index]!.unweighted[0]!, 9);
      expect(balancedAccuracy).toBeCloseTo(vectors.splits[index]!.unweighted[1]!, 9);
    }
  });
});

describe("SciPy's numbers", () => {
  test("mid-P intervals and binomial tails", () => {
    for (const [hits, n, low, high, tail] of vectors.shares) {
      const interval = midPInterval(hits / n, n);
      expect(interval.low).toBeCloseTo(low, 9);
      expect(interval.high).toBeCloseTo(high, 9);
      expect(chanceOfAtMost(hits / n, n, 0.8)).toBeCloseTo(tail, 9);
    }
  });

  test("the incomplete beta function", () => {
    for (const [a, b, x, value] of vectors.incompleteBeta) expect(incompleteBeta(a, b, x)).toBeCloseTo(value, 10);
  });

  test("Student's t, to a thousandth", () => {
    for (const [degrees, value] of vectors.student) expect(Math.abs(studentQuantile(degrees) / value - 1)).toBeLessThan(1.5e-3);
  });
});
