import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom, fairFaceAgeGroups, genders, softmax, type TaskDefinition } from "../core/index.ts";
import { expectedCalibrationError } from "./metrics/calibration.ts";
import { unitWeights } from "./metrics/weights.ts";
import { intervalCoverage } from "./metrics/age.ts";
import { fitIntervalMass } from "./interval-fit.ts";
import { buildSample } from "./sample.ts";
import { applyTemperature, fitPredictions, fitTemperature, logitsOf, targetRange, temperatureLoss } from "./temperature.ts";
import { evaluateTasks } from "./evaluate.ts";
import { ageDistribution, facePrediction } from "./testing.ts";
import type { FacePrediction } from "./prediction.ts";
import { fitScaling } from "./scaling-fit.ts";
import { fitVectorScaling } from "./vector-scaling.ts";

/** Examples whose labels are drawn from `softmax(logits / trueTemperature)`. */
function draw(count: number, classes: number, trueTemperature: number, seed = 1) {
  const random = createRandom(seed);
  const logits = Array.from({ length: count }, () => Array.from({ length: classes }, () => 3 * random.normal()));
  const targets = logits.map((values) => {
    let left = random.uniform();
    const probabilities = softmax(values, trueTemperature);
    const index = probabilities.findIndex((probability) => (left -= probability) < 0);
    const target = index < 0 ? classes - 1 : index;
    return { low: target, high: target };
  });
  return { logits, targets };
}

describe("temperature", () => {
  test.each([0.4, 1, 2.5])("a model whose logits are %d times too large is found out", (temperature) => {
    const { logits, targets } = draw(8000, 7, temperature);
    expect(fitTemperature(logits, targets) / temperature).toBeCloseTo(1, 1);
  });

  test("a task of one's own is fitted as a built-in one, in the order of its labels", () => {
    const labels = ["none", "glasses", "sunglasses"];
    const task = { name: "eyes", kind: "classes", labels } as const;
    const { logits, targets } = draw(3000, 3, 2);
    const faces = logits.map((values, index) =>
      facePrediction(String(index), {
        labels: index % 10 === 0 ? {} : { attributes: { eyes: labels[targets[index]!.low]! } },
        probabilities: { eyes: [...softmax(values)] },
      }),
    );
    const report = evaluateTasks(faces, { tasks: [task], fitTemperature: true, fitScaling: true, replicates: 2 })["eyes"]!;
    expect(report.temperatureFit).toMatchObject({ n: 2700 });
    expect(report.temperatureFit!.temperature / 2).toBeCloseTo(1, 1);
    const { before, after } = report.temperatureFit!.expectedCalibrationError;
    expect(after).toBeLessThan(before / 2);
    expect(report.scalingFit).toMatchObject({ n: 2700, scale: [expect.any(Number), expect.any(Number), expect.any(Number)] });
    expect(report.scalingFit!.negativeLogLikelihood.after).toBeLessThan(report.scalingFit!.negativeLogLikelihood.before);
  });

  test("no other temperature is likelier", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.double({ min: 0.3, max: 3, noNaN: true }),
        fc.double({ min: 0.06, max: 15, noNaN: true }),
        (seed, truth, other) => {
          const { logits, targets } = draw(60, 4, truth, seed);
          const best = temperatureLoss(logits, targets, fitTemperature(logits, targets));
          expect(best).toBeLessThanOrEqual(temperatureLoss(logits, targets, other) + 1e-8);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("keeps the order of classes and sums to 1", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -8, max: 8, noNaN: true }), { minLength: 2, maxLength: 9 }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (logits, temperature) => {
          const scaled = applyTemperature(softmax(logits), temperature);
          expect(scaled.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
          const direct = softmax(logits, temperature);
          for (const [index, value] of direct.entries()) expect(scaled[index]).toBeCloseTo(value, 4);
        },
      ),
    );
  });

  test("of no example there is none", () => {
    expect(() => fitTemperature([], [])).toThrow(RangeError);
    expect(() => fitVectorScaling([[0, 1]], [])).toThrow(RangeError);
  });

  test("logarithms of zero stay finite", () => {
    expect(logitsOf([0, 1]).every((value) => Number.isFinite(value))).toBe(true);
  });
});

describe("fitted on predictions", () => {
  test("an overconfident gender head is calibrated", () => {
    const { logits, targets } = draw(4000, 2, 3);
    const faces = logits.map((values, row) =>
      facePrediction(String(row), { labels: { gender: genders[targets[row]!.low]! }, probabilities: { gender: [...softmax(values)] } }),
    );
    const fit = fitPredictions(faces, "gender", fairFaceAgeGroups)!;
    expect(fit.temperature).toBeCloseTo(3, 0);
    expect(fit.expectedCalibrationError.before).toBeGreaterThan(0.1);
    expect(fit.expectedCalibrationError.after).toBeLessThan(0.03);
    expect(fit.negativeLogLikelihood.after).toBeLessThan(fit.negativeLogLikelihood.before);
    const sample = buildSample(faces, "gender", fairFaceAgeGroups)!;
    expect(fit.expectedCalibrationError.before).toBe(expectedCalibrationError(sample, unitWeights(sample.count)));
  });

  test("a head that names one class too often is mended by its scaling", () => {
    const { logits, targets } = draw(3000, 2, 1);
    // It leans to the first class by one logit.
    const faces = logits.map((values, row) =>
      facePrediction(String(row), {
        labels: { gender: genders[targets[row]!.low]! },
        probabilities: { gender: [...softmax([values[0]! + 1, values[1]!])] },
      }),
    );
    const fit = fitScaling(faces, "gender")!;
    expect(fit.accuracy.after).toBeGreaterThan(fit.accuracy.before + 0.01);
    expect(fit.expectedCalibrationError.after).toBeLessThan(fit.expectedCalibrationError.before);
    expect(fit.negativeLogLikelihood.after).toBeLessThan(fit.negativeLogLikelihood.before);
    expect(fit.bias[1]! - fit.bias[0]!).toBeCloseTo(1, 0);
    expect(fitScaling(faces, "age")).toBeUndefined();
    expect(fitScaling(faces.slice(0, 3), "gender")).toBeUndefined();
  });

  test("faces of one subject stand in one fold: what is learnt of a person by heart is no proof", () => {
    const random = createRandom(5);
    // Each person has a gender at random, and a voice in the logits that says nothing of others: the more classes, the more can be learnt by heart.
    const labels = Array.from({ length: 8 }, (_, index) => `class ${index}`);
    const task: TaskDefinition = { name: "kinds", kind: "classes", labels };
    const persons = Array.from({ length: 12 }, () => ({ label: random.integer(8), logits: labels.map(() => 3 * random.normal()) }));
    const faces = persons.flatMap(({ label, logits }, person) =>
      Array.from({ length: 10 }, (_, index) =>
        facePrediction(`${person}-${index}`, {
          subjectId: String(person),
          labels: { attributes: { kinds: labels[label]! } },
          probabilities: { kinds: [...softmax(logits)] },
        }),
      ),
    );
    const fit = fitScaling(faces, task)!;
    expect(fit.negativeLogLikelihood.after).toBeGreaterThan(Math.log(8));
    const strangers = faces.map(({ id, labels, probabilities }) => facePrediction(id, { labels, probabilities }));
    expect(fitScaling(strangers, task)!.negativeLogLikelihood.after).toBeLessThan(fit.negativeLogLikelihood.after);
    // In whatever order they stand, and nothing can be said of fewer persons than there are folds.
    expect(fitScaling(faces.slice(0, 40), task)).toBeUndefined();
    expect(fitScaling(faces.slice(0, 50), task)).toBeDefined();
  });

  test("faces that count more draw the scaling to themselves; weight 0 is not being there", () => {
    const { logits, targets } = draw(2000, 2, 1);
    // Every second face leans to the first class, the others to the second.
    const faces = logits.map((values, row) =>
      facePrediction(String(row), {
        labels: { gender: genders[targets[row]!.low]! },
        probabilities: { gender: [...softmax([values[0]! + (row % 2 === 0 ? 1 : -1), values[1]!])] },
      }),
    );
    const isFirst = ({ id }: { readonly id: string }): boolean => Number(id) % 2 === 0;
    const alone = fitScaling(faces.filter(isFirst), "gender")!;
    const weighted = fitScaling(faces, "gender", { weightOf: (face) => (isFirst(face) ? 1 : 0) })!;
    for (const [index, bias] of weighted.bias.entries()) expect(bias).toBeCloseTo(alone.bias[index]!, 6);
    expect(Math.abs(fitScaling(faces, "gender")!.bias[1]!)).toBeLessThan(0.3);
    expect(() => fitVectorScaling([[0, 1]], [0], { weights: [0] })).toThrow(RangeError);
  });

  test("too narrow ages get intervals that cover 80 %", () => {
    const random = createRandom(2);
    const faces = Array.from({ length: 2000 }, (_, index) => {
      const age = 20 + random.integer(50);
      const answer = age + 6 * random.normal();
      return facePrediction(String(index), {
        labels: { age: { low: age, high: age } },
        probabilities: { age: ageDistribution(answer, 3) },
      });
    });
    const fit = fitPredictions(faces, "age", fairFaceAgeGroups)!;
    expect(fit.intervalCoverage!.before).toBeLessThan(0.6);
    expect(fit.intervalCoverage!.after).toBeCloseTo(0.8, 3);
    expect(fitPredictions(faces, "gender", fairFaceAgeGroups)).toBeUndefined();
    // Of a model whose intervals are to hold more, both are of that level.
    const calibrated = faces.map((face) => Object.assign({}, face, { intervalLevels: { age: 0.95 } }));
    expect(fitPredictions(calibrated, "age", fairFaceAgeGroups)!.intervalCoverage!.after).toBeCloseTo(0.95, 2);
  });

  test("an interval takes less of distributions that are wider than their errors, so that it holds 80 % of other faces too", () => {
    const faces = (seed: number) => {
      const random = createRandom(seed);
      return Array.from({ length: 2000 }, (_, index) => {
        const age = 20 + random.integer(50);
        const answer = age + 5 * random.normal();
        return facePrediction(String(index), {
          labels: { age: { low: age, high: age } },
          probabilities: { age: ageDistribution(answer, 8) },
        });
      });
    };
    const intervalMass = fitIntervalMass(faces(3))!;
    expect(intervalMass).toBeGreaterThan(0.5);
    expect(intervalMass).toBeLessThan(0.65);
    const coverage = (predictions: FacePrediction[]) => {
      const sample = buildSample(predictions, "age", fairFaceAgeGroups)!;
      return intervalCoverage(sample, unitWeights(sample.count))!;
    };
    const others = faces(4);
    expect(coverage(others)).toBeGreaterThan(0.9);
    expect(coverage(others.map((face) => Object.assign(face, { intervalMass })))).toBeCloseTo(0.8, 1);
    const group = { labels: { age: { low: 20, high: 29 } }, probabilities: { age: ageDistribution(25, 8) } };
    expect(fitIntervalMass([facePrediction("a group", group)])).toBeUndefined();
    // Surer of the true year than an interval can be narrow.
    expect(
      fitIntervalMass([
        facePrediction("sure", { labels: { age: { low: 30, high: 30 } }, probabilities: { age: ageDistribution(30, 0.1) } }),
      ]),
    ).toBe(0.5);
  });

  test("age groups are targets as ranges, clipped to 100", () => {
    expect(targetRange({ labels: { age: { low: 70, high: 120 } } }, "age")).toEqual({ low: 70, high: 100 });
    expect(targetRange({ labels: {} }, "age")).toBeUndefined();
    expect(targetRange({ labels: { gender: "female" } }, "gender")).toEqual({ low: 0, high: 0 });
  });
});
