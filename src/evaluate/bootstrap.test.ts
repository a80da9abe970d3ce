import { describe, expect, test } from "vitest";
import { createRandom, fairFaceAgeGroups } from "../core/index.ts";
import { bootstrap, percentileInterval, quantile } from "./bootstrap.ts";
import { midPInterval, wilsonInterval } from "./binomial.ts";
import { shareInterval } from "./class-intervals.ts";
import { estimate } from "./estimate.ts";
import { metricById, metrics } from "./metrics/registry.ts";
import { buildSample, type TaskSample } from "./sample.ts";
import { ageDistribution, drawPredictions, facePrediction, withSets } from "./testing.ts";

const accuracy = metricById("accuracy");

/** `n` faces of which each is right with probability `share`, each face `copies` times under one subject. */
function coins(n: number, share: number, seed: number, copies = 1): TaskSample {
  const random = createRandom(seed);
  const faces = Array.from({ length: n }, () => random.uniform() < share).flatMap((right, subject) =>
    Array.from({ length: copies }, (_, copy) =>
      facePrediction(`${subject}-${copy}`, {
        subjectId: `s${subject}`,
        labels: { gender: "female" },
        probabilities: { gender: right ? [0.9, 0.1] : [0.1, 0.9] },
      }),
    ),
  );
  return buildSample(faces, "gender", fairFaceAgeGroups)!;
}

describe("bootstrap", () => {
  test("95 % intervals hold the true share in about 95 of 100 samples", () => {
    let held = 0;
    for (let seed = 0; seed < 200; seed++) {
      const drawn = bootstrap(coins(150, 0.7, seed), [accuracy], { replicates: 300, seed });
      const interval = percentileInterval(drawn.get("accuracy")!)!;
      if (interval.low <= 0.7 && 0.7 <= interval.high) held++;
    }
    // 95 % of 200 with three standard errors of room, and a little more for the bootstrap's own bias.
    expect(held).toBeGreaterThan(178);
    expect(held).toBeLessThan(200);
  });

  test("copies of a face do not make an interval narrower", () => {
    const width = (copies: number) => {
      const { low, high } = percentileInterval(bootstrap(coins(100, 0.7, 3, copies), [accuracy]).get("accuracy")!)!;
      return high - low;
    };
    expect(width(4)).toBeCloseTo(width(1), 9);
  });

  test("the same seed gives the same replicates, another seed others", () => {
    const sample = coins(50, 0.6, 1);
    const drawn = (seed: number) => bootstrap(sample, [accuracy], { replicates: 20, seed }).get("accuracy");
    expect(drawn(7)).toEqual(drawn(7));
    expect(drawn(7)).not.toEqual(drawn(8));
  });

  test("no metric that allows intervals has an estimate outside of its own", () => {
    const faces = withSets(drawPredictions({ count: 400, notFound: 0.1 }));
    for (const metric of metrics.filter(({ bootstrap, interval }) => bootstrap || interval !== undefined)) {
      const sample = buildSample(faces, metric.tasks[0]!, fairFaceAgeGroups)!;
      const { id } = metric;
      const estimated = estimate(sample, [metric], { replicates: 300 });
      const [value, interval] = [estimated.metrics[id]!, estimated.intervals[id]!];
      expect({ id, inside: interval.low < value && value < interval.high }).toEqual({ id, inside: true });
    }
  });

  test("five of five is not certain", () => {
    const sample = coins(5, 1, 1);
    const interval = estimate(sample, [accuracy], {}).intervals.accuracy!;
    expect(interval.low).toBeCloseTo(0.5655, 3);
    expect(interval.high).toBe(1);
  });
});

test("one subject tells nothing of others: a share is hardly known, and a mean has no interval", () => {
  const faces = Array.from({ length: 8 }, (_, index) =>
    facePrediction(String(index), {
      subjectId: index < 6 ? "anna" : "berta",
      // Berta's exact age is not known.
      labels: { gender: "female", age: index < 6 ? { low: 30, high: 30 } : { low: 30, high: 39 } },
      probabilities: { gender: index % 2 === 0 ? [0.9, 0.1] : [0.2, 0.8], age: ageDistribution(28 + index, 4) },
    }),
  );
  const intervalsOf = (task: "age" | "gender", count: number) =>
    estimate(
      buildSample(faces.slice(0, count), task, fairFaceAgeGroups)!,
      metrics.filter((metric) => metric.tasks.includes(task)),
      {},
    ).intervals;
  const { low, high } = wilsonInterval(0.5, 1);
  expect(intervalsOf("gender", 6).accuracy).toEqual({ low: expect.closeTo(low, 12), high: expect.closeTo(high, 12) });
  expect(intervalsOf("gender", 6).negativeLogLikelihood).toBeUndefined();
  expect(intervalsOf("gender", 8).negativeLogLikelihood).toBeDefined();
  for (const count of [6, 8]) {
    const { meanAbsoluteError, meanError, meanIntervalWidth, cumulativeScore5 } = intervalsOf("age", count);
    expect([meanAbsoluteError, meanError, meanIntervalWidth]).toEqual([undefined, undefined, undefined]);
    expect(cumulativeScore5).toBeDefined();
  }
});

test("five of five found ones are no surer for those that were not found, nor exact ages for the groups beside them", () => {
  const answer = Array.from({ length: 101 }, (_, year) => Number(year === 30));
  const faces = Array.from({ length: 45 }, (_, index) =>
    facePrediction(String(index), {
      labels: { age: index < 5 ? { low: 30, high: 30 } : { low: 30, high: 39 } },
      found: index < 25,
      probabilities: index < 25 ? { age: answer } : {},
    }),
  );
  const sample = buildSample(faces, "age", fairFaceAgeGroups)!;
  const { intervals } = estimate(sample, metrics, { replicates: 20 });
  expect(intervals.intervalCoverage!.low).toBeCloseTo(wilsonInterval(1, 5).low, 12);
  expect(intervals.cumulativeScore5!.low).toBeCloseTo(wilsonInterval(1, 5).low, 12);
  expect(intervals.accuracyOfFound!.low).toBeCloseTo(wilsonInterval(1, 25).low, 12);
  // Of one class with faces, the mean is that class's share.
  expect(intervals.balancedAccuracyOfFound!.low).toBeCloseTo(midPInterval(1, 25).low, 12);
});

test("quantiles interpolate between order statistics", () => {
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
  expect(quantile([1, 2, 3, 4], 0)).toBe(1);
  expect(quantile([1, 2, 3, 4], 1)).toBe(4);
  expect(percentileInterval([1])).toBeUndefined();
});

test("subjects that are all alike are no proof: half of the faces of each of two are right", () => {
  const faces = Array.from({ length: 4 }, (_, index) =>
    facePrediction(String(index), {
      subjectId: index < 2 ? "anna" : "berta",
      labels: { gender: "female" },
      probabilities: { gender: index % 2 === 0 ? [0.9, 0.1] : [0.2, 0.8] },
    }),
  );
  const { accuracy: interval } = estimate(buildSample(faces, "gender", fairFaceAgeGroups)!, [accuracy], {}).intervals;
  // No surer than of two cases.
  expect(interval!.low).toBeLessThanOrEqual(wilsonInterval(0.5, 2).low);
  expect(interval!.high).toBeGreaterThanOrEqual(wilsonInterval(0.5, 2).high);
});

test("an accuracy has the interval here that a model of one's own is given: Wilson's, with as many faces as they are worth", () => {
  const rows = Array.from({ length: 60 }, (_, index) => ({ isRight: index % 5 !== 0, subject: Math.floor(index / 3) }));
  const faces = rows.map(({ isRight, subject }, index) =>
    facePrediction(String(index), {
      subjectId: String(subject),
      labels: { gender: "female" },
      probabilities: { gender: isRight ? [0.9, 0.1] : [0.2, 0.8] },
    }),
  );
  const { intervals } = estimate(buildSample(faces, "gender", fairFaceAgeGroups)!, [accuracy], {});
  const own = shareInterval(
    rows.map(({ isRight }) => isRight),
    Int32Array.from(rows, ({ subject }) => subject),
  );
  expect(intervals.accuracy).toEqual(own);
  const alone = estimate(
    buildSample(
      faces.map(({ id, labels, probabilities }) => facePrediction(id, { labels, probabilities })),
      "gender",
      fairFaceAgeGroups,
    )!,
    [accuracy],
    {},
  );
  const { low, high } = wilsonInterval(0.8, 60);
  expect(alone.intervals.accuracy).toEqual({ low: expect.closeTo(low, 12), high: expect.closeTo(high, 12) });
});
