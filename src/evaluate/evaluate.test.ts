import { describe, expect, test } from "vitest";
import { adienceAgeGroups, createRandom, fairFaceAgeGroups } from "../core/index.ts";
import { chooseAgeGroups } from "./age-groups.ts";
import { compareModels, evaluateModels, evaluateTasks } from "./evaluate.ts";
import type { ModelPredictions } from "./evaluate-options.ts";
import { wilsonInterval } from "./binomial.ts";
import { metricById } from "./metrics/registry.ts";
import { buildOwnSamples } from "./own-sample.ts";
import type { FacePrediction } from "./prediction.ts";
import { renderMarkdown, renderTerminal } from "./render/render.ts";
import { type EvaluationData, evaluationReportSchema } from "./report.ts";
import { scalingsInReport } from "./scalings.ts";
import { ageDistribution, drawPredictions, facePrediction } from "./testing.ts";

const quick = { replicates: 50 };
const data: Omit<EvaluationData, "n" | "ageGroups"> = {
  name: "drawn",
  format: "csv",
  split: "test",
  path: "crop",
  rejected: {},
  notes: [],
};
const origin = { created: "2026-11-24T00:00:00.000Z", version: "0.1.0" };
const modelOf = (id: string, predictions: readonly FacePrediction[]): ModelPredictions => ({
  model: { id, heads: [{ id, title: id, tasks: ["age", "gender", "mood"], sha256: "0".repeat(64), bytes: 1, licence: "MIT" }] },
  role: "held out",
  predictions,
});

describe("a report", () => {
  const faces = drawPredictions({ count: 300, notFound: 0.1 });
  const report = evaluateModels([modelOf("one", faces)], data, origin, quick);

  test("fits its schema, and survives JSON", () => {
    expect(evaluationReportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  test("gives its scalings to an export, those of own tasks too", () => {
    const same = { before: 0.5, after: 0.6 };
    const measured = { n: 9, folds: 5, accuracy: same, negativeLogLikelihood: same, expectedCalibrationError: same };
    const fit = { scale: [1, 2], bias: [0, 0.5] };
    const { mood } = report.tasks;
    const glasses = { ...report.tasks.gender!, scalingFit: { ...fit, ...measured } };
    const text = JSON.stringify({ ...report, tasks: { mood, glasses } });
    expect(scalingsInReport(text)).toEqual({ glasses: fit });
    expect(scalingsInReport("no report")).toEqual({});
  });

  test("is the same for the same predictions", () => {
    expect(evaluateModels([modelOf("one", faces)], data, origin, quick)).toEqual(report);
  });

  test.each(["age", "gender", "mood"] as const)("counts every %s once", (task) => {
    const result = report.tasks[task]!;
    const inMatrix = result.confusionMatrix.flat().reduce((sum, count) => sum + count, 0);
    expect(inMatrix + result.notFound).toBe(result.n);
    expect(result.classes.reduce((sum, { n }) => sum + n, 0)).toBe(result.n);
    expect(result.reliability.reduce((sum, { n }) => sum + n, 0)).toBe(inMatrix);
    for (const by of ["gender", "race", "brightness"] as const) {
      const slices = result.slices.filter((slice) => slice.by === by);
      expect(slices.reduce((sum, { n }) => sum + n, 0)).toBe(result.n);
      const hits = slices.reduce((sum, { n, metrics }) => sum + n * metrics.accuracy!, 0);
      expect(hits / result.n).toBeCloseTo(result.accuracy!, 10);
    }
  });

  test("faces not found are wrong in accuracy and absent from accuracy of found", () => {
    const gender = report.tasks.gender!;
    expect(gender.notFound).toBeGreaterThan(10);
    expect(gender.accuracyOfFound! * (gender.n - gender.notFound)).toBeCloseTo(gender.accuracy! * gender.n, 8);
  });

  test("the cumulative score grows, and agrees with the metric", () => {
    const { cumulativeScore, cumulativeScore5 } = report.tasks.age!;
    expect(cumulativeScore!.find(({ years }) => years === 5)!.share).toBe(cumulativeScore5);
    for (const [index, { share }] of cumulativeScore!.entries())
      expect(share).toBeGreaterThanOrEqual(cumulativeScore![index - 1]?.share ?? 0);
  });

  test("has no task that nothing was said of, and none without labels", () => {
    const genderOnly = faces.map(({ id, labels, found, probabilities }) =>
      facePrediction(id, { labels, found, probabilities: found ? { gender: probabilities.gender! } : {} }),
    );
    expect(Object.keys(evaluateTasks(genderOnly, quick))).toEqual(["gender"]);
    expect(
      evaluateTasks(
        faces.map(({ id, probabilities }) => facePrediction(id, { probabilities })),
        quick,
      ),
    ).toEqual({});
  });
});

test("an answer that is no number is an error, as in scikit-learn, and not the first class", () => {
  const drawn = drawPredictions({ count: 5 });
  const faces = drawn.with(3, { ...drawn[3]!, probabilities: { gender: [Number.NaN, Number.NaN] } });
  expect(() => evaluateTasks(faces, { replicates: 2 })).toThrow(
    expect.objectContaining({ code: "TF_INVALID_ARGUMENT", message: expect.stringContaining(`"${faces[3]!.id}"`) }),
  );
});

const subjectsOf = (faces: readonly FacePrediction[]): number => new Set(faces.map(({ id, subjectId }) => subjectId ?? id)).size;

test("a report without a number says why", () => {
  const lost = drawPredictions({ count: 5 }).map(({ id, labels }) => facePrediction(id, { labels, found: false }));
  const report = evaluateModels([modelOf("one", lost)], data, origin, quick);
  expect(report.tasks).toEqual({});
  for (const text of [renderTerminal(report), renderMarkdown(report)])
    expect(text).toContain("Nothing could be measured of one: no face was found that has a label of what it tells (age, gender, mood).");
});

describe("models side by side", () => {
  const good = drawPredictions({ count: 300, skill: 3 });
  const poor = drawPredictions({ count: 300, skill: 0.2 });

  test("the better one wins with an interval away from 0", () => {
    const { comparisons, others } = evaluateModels([modelOf("good", good), modelOf("poor", poor)], data, origin, quick);
    const accuracy = comparisons.find(({ task, metric }) => task === "mood" && metric === "accuracy")!;
    expect(others[0]!.model.id).toBe("poor");
    expect(accuracy.difference).toBeGreaterThan(0.3);
    expect(accuracy.interval!.low).toBeGreaterThan(0.2);
  });

  test("a model does not differ from itself; of shares, what no difference in so many faces leaves open", () => {
    const { comparisons } = evaluateModels([modelOf("a", good), modelOf("b", good)], data, origin, quick);
    expect(comparisons.length).toBeGreaterThan(5);
    for (const { metric, difference, interval } of comparisons.filter(({ metric: id }) => id !== "balancedAccuracy")) {
      const { high } = metricById(metric).unit === "share" ? wilsonInterval(0, subjectsOf(good)) : { high: 0 };
      expect([difference, interval]).toEqual([0, { low: 0 - high, high }]);
    }
    const balanced = comparisons.filter(({ metric }) => metric === "balancedAccuracy");
    expect(balanced.map(({ difference, interval }) => difference === 0 && interval!.low <= 0 && interval!.high >= 0)).toEqual([
      true,
      true,
      true,
    ]);
  });

  test("one face is no proof that a model is better, nor are three", () => {
    const answers = (id: string, female: number, count: number) =>
      modelOf(
        id,
        Array.from({ length: count }, (_, index) =>
          facePrediction(String(index), { labels: { gender: "female" }, probabilities: { gender: [female, 1 - female] } }),
        ),
      );
    const compare = (count: number) => compareModels(answers("right", 0.9, count), answers("wrong", 0.1, count), quick);
    expect(compare(1).map(({ interval }) => interval)).toEqual([undefined, undefined, undefined]);
    const accuracyOf = (count: number) => compare(count).find(({ metric }) => metric === "accuracy")!;
    // Tango's score interval where all pairs differ alike: from (n - z^2) / (n + z^2) to 1.
    expect(accuracyOf(3)).toMatchObject({ difference: 1, interval: { low: expect.closeTo((3 - 3.841459) / (3 + 3.841459), 6), high: 1 } });
    expect(accuracyOf(20).interval!.low).toBeCloseTo((20 - 3.841459) / (20 + 3.841459), 6);
  });

  test("the interval of a difference of balanced accuracies holds it, where a class has five faces too", () => {
    const [labels, counts, right, other] = [
      ["a", "b", "c"],
      [60, 20, 5],
      [0.9, 0.7, 0.8],
      [0.85, 0.65, 0.5],
    ] as const;
    const task = { name: "own", kind: "classes" as const, labels };
    const truth = right.reduce((sum, share, index) => sum + (share - other[index]!) / 3, 0);
    const classes = counts.flatMap((count, index) => Array.from({ length: count }, () => index));
    const answered = (own: number, isRight: boolean, id: number): FacePrediction => {
      const named = isRight ? own : (own + 1) % 3;
      const probabilities = { own: labels.map((_, index) => (index === named ? 0.8 : 0.1)) };
      return facePrediction(String(id), { labels: { attributes: { own: labels[own]! } }, probabilities });
    };
    const held = Array.from({ length: 200 }, (_, seed) => {
      const random = createRandom(seed);
      const pairs = classes.map((own, id) => {
        const luck = random.uniform();
        // Half of the faces are as hard for both.
        const others = random.uniform() < 0.5 ? luck : random.uniform();
        return [answered(own, luck < right[own]!, id), answered(own, others < other[own]!, id)] as const;
      });
      const [a, b] = [pairs.map(([face]) => face), pairs.map(([, face]) => face)];
      const compared = compareModels(modelOf("a", a), modelOf("b", b), { replicates: 100, tasks: [task] });
      const { interval } = compared.find(({ metric }) => metric === "balancedAccuracy")!;
      return interval!.low <= truth && truth <= interval!.high;
    });
    expect(held.filter(Boolean).length / held.length).toBeGreaterThan(0.9);
  });

  test("refuses models that saw different faces", () => {
    expect(() => evaluateModels([modelOf("a", good), modelOf("b", good.slice(1))], data, origin, quick)).toThrow(/same faces/);
  });
});

describe("age groups", () => {
  const labelled = (low: number, high: number) => facePrediction(`${low}`, { labels: { age: { low, high } } });
  test("are those of the labels", () => {
    expect(chooseAgeGroups(fairFaceAgeGroups.map(({ low, high }) => labelled(low, high)))).toBe("fairface");
    expect(chooseAgeGroups(adienceAgeGroups.map(({ low, high }) => labelled(low, high)))).toBe("adience");
    expect(chooseAgeGroups([labelled(60, 100), labelled(25, 32), labelled(0, 2)])).toBe("adience");
    expect(chooseAgeGroups([labelled(31, 31)])).toBe("fairface");
  });

  test("a label that lies in two groups is not judged", () => {
    const face = facePrediction("odd", { labels: { age: { low: 38, high: 48 } }, probabilities: { age: ageDistribution(40, 4) } });
    expect(evaluateTasks([face], { ...quick, ageGroups: "adience" })).toEqual({});
  });
});

test("models that found other faces are compared by the draws that hold faces of both", () => {
  const faces = drawPredictions({ count: 40 });
  const few = faces.map((face, index) => (index < 2 ? face : facePrediction(face.id, { labels: face.labels, found: false })));
  const comparisons = compareModels(modelOf("all", faces), modelOf("few", few), { replicates: 300 });
  expect(comparisons.length).toBeGreaterThan(8);
  for (const { metric, interval } of comparisons) {
    expect([metric, Number.isFinite(interval?.low), Number.isFinite(interval?.high)]).toEqual([metric, true, true]);
  }
});

test("numbers of as many faces as a city has are put into ranges", () => {
  const faces = Array.from({ length: 200_000 }, (_, index) =>
    facePrediction(String(index), { labels: { attributes: { rating: index % 10 } }, probabilities: { rating: [5, 4, 6] } }),
  );
  const [sample] = buildOwnSamples(faces, { name: "rating", kind: "number" });
  expect(sample?.classNames[0]).toBe("0 to 1.8");
});

test.each<readonly [string, string, number[], string]>([
  ["mood", "mood", [1], "must have 7 numbers, got 1"],
  ["gender", "gender", [0.2, 0.3, 0.5], "must have 2 numbers, got 3"],
  ["age", "age", [0.5, 0.5], "must have 101 numbers, got 2"],
  ["classes", "size", [0.5, 0.5], "must have 3 numbers, got 2"],
  ["tags", "size", [0.5], "must have 3 numbers, got 1"],
])("an answer of another length belongs to other labels: %s", (kind, task, answer, message) => {
  const own = kind === "tags" ? ["small"] : "small";
  const labels = { age: { low: 30, high: 30 }, gender: "female", mood: "happy", attributes: { size: own } } as const;
  const face = facePrediction("odd", { labels: { ...labels, attributes: { size: own } }, probabilities: { [task]: answer } });
  const tasks = [{ name: "size", kind: kind === "tags" ? "tags" : "classes", labels: ["small", "medium", "large"] }] as const;
  expect(() => evaluateTasks([face], { tasks })).toThrow(
    expect.objectContaining({ code: "TF_INVALID_ARGUMENT", message: `the answer to ${task} for face "odd" ${message}` }),
  );
});

test.each(["classes", "number", "tags"] as const)("an own answer that is no number is refused and no first class: %s", (kind) => {
  const label = { classes: "b", number: 3, tags: ["b"] }[kind];
  const faces = [
    facePrediction("odd", { labels: { attributes: { own: label } }, probabilities: { own: [Number.NaN, Number.NaN, Number.NaN] } }),
  ];
  const task = { name: "own", kind, ...(kind === "number" ? {} : { labels: ["a", "b", "c"] }) };
  expect(() => buildOwnSamples(faces, task)).toThrow(
    expect.objectContaining({ code: "TF_INVALID_ARGUMENT", message: expect.stringContaining('"odd"') }),
  );
});
