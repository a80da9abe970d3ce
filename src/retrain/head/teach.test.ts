import { expect, test } from "vitest";
import { createRandom, softmax, TensorFaceError } from "../../core/index.ts";
import { applyHead } from "../../features/linear-head.ts";
import { encodeModel } from "../../graph/index.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import { createHiddenLayerFitter } from "../hidden-layer.ts";
import { measureTest } from "../measure.ts";
import { balancedFolds } from "./folds.ts";
import { largestIndex } from "../measure.ts";
import type { Targets, TeachingExamples } from "./targets.ts";
import { compareViews, drawFifth, teach, teachBest } from "./teach.ts";
import { partRows } from "./tuned.ts";

const columns = 24;

/** Features around a point for each class; `apart` 0 tells nothing. */
function examplesOf(rows: number, classes: number, apart: number): TeachingExamples & { readonly labels: Int32Array } {
  const random = createRandom(11);
  const centres = Array.from({ length: classes * columns }, () => apart * random.normal());
  const labels = Int32Array.from({ length: rows }, (_, row) => row % classes);
  const data = Float32Array.from(
    { length: rows * columns },
    (_, index) => centres[labels[Math.floor(index / columns)]! * columns + (index % columns)]! + random.normal(),
  );
  const targets: Targets = { kind: "classes", labels: classes, classes: labels };
  return { features: { rows, columns, data }, targets, sets: Int32Array.from({ length: rows }, (_, row) => row), labels };
}

test("classes that lie apart are told, and the confidence is about right", async () => {
  const examples = examplesOf(120, 3, 0.7);
  const { test: answers, trials } = await teach(examples);
  const measures = measureTest(examples.targets, answers, examples.sets, undefined);
  if (measures.kind !== "classes") throw new TypeError("classes are measured as classes");
  expect(answers.kind).toBe("cross-validation");
  expect(measures.n).toBe(120);
  expect(measures.accuracy.value).toBeGreaterThan(0.85);
  expect(measures.accuracy.low).toBeLessThan(measures.accuracy.value);
  expect(measures.expectedCalibrationError).toBeLessThan(0.15);
  expect(trials.length).toBeGreaterThan(2);
});

test("labels that say nothing of the features are not told better than by chance", async () => {
  const examples = examplesOf(150, 3, 0);
  const { test: answers } = await teach(examples);
  const measures = measureTest(examples.targets, answers, examples.sets, undefined);
  if (measures.kind !== "classes") throw new TypeError("classes are measured as classes");
  expect(measures.accuracy.low).toBeLessThan(1 / 3);
});

test("with many examples a fifth is kept apart, and asked of the head itself", async () => {
  const examples = examplesOf(1200, 2, 0.3);
  const { head, test: answers, learnt } = await teach(examples, { folds: 3 });
  expect(answers.kind).toBe("held out");
  expect(answers.rows.length + learnt.length).toBe(1200);
  expect(answers.rows.some((row) => learnt.includes(row))).toBe(false);
  const row = answers.rows[5]!;
  for (const [k, probability] of softmax(applyHead(head, examples.features, row)).entries())
    expect(answers.answers[5 * 2 + k]).toBeCloseTo(probability, 6);
});

test("the network says what the head says, and knows what is unlike all examples", async () => {
  const examples = examplesOf(120, 3, 0.7);
  const { head, graph, novelty } = await teach(examples);
  const session = await createNodeRuntime().load(encodeModel(graph));
  const strange = Float32Array.from({ length: columns }, (_, column) => (column % 2 === 0 ? 6 : -6));
  const data = Float32Array.from([...examples.features.data.subarray(0, 5 * columns), ...strange]);
  const { answer, novelty: distance } = await session.run({ features: { type: "float32", shape: [6, columns], data } });
  for (let row = 0; row < 5; row++) {
    for (const [k, score] of applyHead(head, examples.features, row).entries()) expect(answer!.data[row * 3 + k]).toBeCloseTo(score, 4);
    expect(distance!.data[row]).toBeLessThanOrEqual(novelty.quantiles[100]!);
  }
  expect(distance!.data[5]).toBeGreaterThan(novelty.quantiles[100]!);
  expect(novelty.quantiles).toHaveLength(101);
  expect(novelty.quantiles.toSorted((a, b) => a - b)).toEqual(novelty.quantiles);
  await session.dispose();
});

test("groups in order are told, mostly right or one beside it", async () => {
  const plain = examplesOf(200, 5, 0);
  const data = plain.features.data.map((value, index) => value + (index % columns < 6 ? plain.labels[Math.floor(index / columns)]! : 0));
  const targets: Targets = { kind: "ordered", labels: 5, classes: plain.labels };
  const { test: answers, trials } = await teach({ features: { ...plain.features, data }, targets, sets: plain.sets });
  const measures = measureTest(targets, answers, plain.sets, undefined);
  if (measures.kind !== "ordered") throw new TypeError("groups are measured as groups");
  expect(measures.oneOffAccuracy).toBeGreaterThan(0.95);
  expect(new Set(trials.map(({ isOrdered }) => isOrdered))).toEqual(new Set([true, false]));
});

test("tags are told each by itself", async () => {
  const { features, sets } = examplesOf(160, 2, 0);
  const tags = Uint8Array.from({ length: 160 * 2 }, (_, index) =>
    Number(features.data[Math.floor(index / 2) * columns + (index % 2)]! > 0),
  );
  const targets: Targets = { kind: "tags", labels: 2, tags };
  const { test: answers } = await teach({ features, targets, sets });
  const measures = measureTest(targets, answers, sets, undefined);
  if (measures.kind !== "tags") throw new TypeError("tags are measured as tags");
  for (const tag of measures.tags) expect(tag.accuracy).toBeGreaterThan(0.8);
});

test("numbers come with an interval that holds eight of ten", async () => {
  const { features, sets } = examplesOf(400, 1, 0);
  const random = createRandom(3);
  const values = Float64Array.from({ length: 400 }, (_, row) => 5 * features.data[row * columns]! + 2 * random.normal() + 40);
  const targets: Targets = { kind: "number", values };
  const { test: answers, interval } = await teach({ features, targets, sets });
  const measures = measureTest(targets, answers, sets, interval);
  if (measures.kind !== "number") throw new TypeError("numbers are measured as numbers");
  expect(measures.meanAbsoluteError.value).toBeLessThan(2.2);
  expect(measures.baseline.meanAbsoluteError).toBeGreaterThan(3.5);
  expect(measures.coverage).toBeGreaterThan(0.7);
  expect(measures.coverage).toBeLessThan(0.9);
});

test("what belongs together stands in one fold, and each fold has its share of every class", () => {
  const rows = Int32Array.from({ length: 100 }, (_, row) => row);
  const folds = balancedFolds(
    rows,
    (row) => Math.floor(row / 2),
    (row) => Number(row >= 80),
  );
  for (let row = 0; row < 100; row += 2) expect(folds[row]).toBe(folds[row + 1]);
  for (let fold = 0; fold < 5; fold++) {
    expect(rows.filter((row) => folds[row] === fold && row >= 80)).toHaveLength(4);
    expect(rows.filter((row) => folds[row] === fold && row < 80)).toHaveLength(16);
  }
});

test("a stop is heard", async () => {
  await expect(teach(examplesOf(60, 2, 1), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "TF_ABORTED" });
});

test("the largest of equals is the first", () => {
  expect(largestIndex([1, 3, 3])).toBe(1);
});

test("of several networks the one that tells the classes apart is chosen, also for those who are asked", async () => {
  const [seeing, blind] = [examplesOf(120, 3, 0.7), examplesOf(120, 3, 0)];
  const { targets, sets } = seeing;
  const { view, viewLosses, test: answers } = await teachBest({ views: [blind.features, seeing.features], targets, sets });
  expect(view).toBe(1);
  expect(viewLosses[1]).toBeLessThan(viewLosses[0]!);
  const measures = measureTest(targets, answers, sets, undefined);
  if (measures.kind !== "classes") throw new TypeError("classes are measured as classes");
  expect(measures.accuracy.value).toBeGreaterThan(0.85);
  const losses = await compareViews({ views: [seeing.features, blind.features], targets, sets });
  expect(losses[0]).toBeLessThan(losses[1]!);
});

/** Inside or outside of a ball: no plane parts them. */
function shells(rows: number) {
  const random = createRandom(7);
  const data = Float32Array.from({ length: rows * 6 }, () => random.normal());
  const lengths = Array.from({ length: rows }, (_, row) => Math.hypot(...data.subarray(row * 6, (row + 1) * 6)));
  const middle = lengths.toSorted((a, b) => a - b)[rows >> 1]!;
  const classes = Int32Array.from(lengths, (length) => Number(length > middle));
  const features = { rows, columns: 6, data };
  const targets: Targets = { kind: "classes", labels: 2, classes };
  return { features, targets, lengths, sets: Int32Array.from({ length: rows }, (_, row) => row) };
}

test("what no plane parts is told by a layer of units, which is chosen for it; its network says the same", async () => {
  const examples = shells(1200);
  const runtime = createNodeRuntime();
  await using hidden = createHiddenLayerFitter(runtime, { seed: 1 });
  const { candidate, test: answers, graph } = await teach(examples, { hidden });
  expect(candidate.hidden?.units).toBe(64);
  const measures = measureTest(examples.targets, answers, examples.sets, undefined);
  if (measures.kind !== "classes") throw new TypeError("classes are measured as classes");
  expect(measures.accuracy.value).toBeGreaterThan(0.8);
  await using session = await runtime.load(encodeModel(graph));
  const row = answers.rows[3]!;
  const data = examples.features.data.slice(row * 6, (row + 1) * 6);
  const { answer } = await session.run({ features: { type: "float32", shape: [1, 6], data } });
  for (const [k, probability] of softmax(Float64Array.from(answer!.data, Number)).entries())
    expect(answers.answers[3 * 2 + k]).toBeCloseTo(probability, 4);
});

test("a layer of units learns numbers in their own unit", async () => {
  const { features, lengths, sets } = shells(1200);
  const targets: Targets = { kind: "number", values: Float64Array.from(lengths, (length) => 100 + 10 * length) };
  await using hidden = createHiddenLayerFitter(createNodeRuntime(), { seed: 1 });
  const { candidate, test: answers, interval } = await teach({ features, targets, sets }, { hidden });
  expect(candidate.hidden).toBeDefined();
  const measures = measureTest(targets, answers, sets, interval);
  if (measures.kind !== "number") throw new TypeError("numbers are measured as numbers");
  expect(measures.meanAbsoluteError.high).toBeLessThan(0.8 * measures.baseline.meanAbsoluteError);
});

test("where the engine cannot learn a layer of units, its own error is what is told", async () => {
  const load = async () => Promise.reject(new TensorFaceError("TF_RUNTIME_FAILED", "out of memory"));
  const teaching = async (): Promise<void> => {
    await using hidden = createHiddenLayerFitter({ ...createNodeRuntime(), load }, { seed: 1 });
    await teach(shells(1200), { hidden });
  };
  await expect(teaching()).rejects.toMatchObject({ code: "TF_RUNTIME_FAILED" });
});

test("a layer of units learns tags", async () => {
  const { features, targets: classes, sets } = shells(1200);
  if (classes.kind !== "classes") throw new TypeError("shells are classes");
  const tags = Uint8Array.from({ length: 2400 }, (_, index) =>
    index % 2 === 0 ? classes.classes[index >> 1]! : Number(features.data[(index >> 1) * 6]! > 0),
  );
  const targets: Targets = { kind: "tags", labels: 2, tags };
  await using hidden = createHiddenLayerFitter(createNodeRuntime(), { seed: 1 });
  const { candidate, test: answers } = await teach({ features, targets, sets }, { hidden });
  expect(candidate.hidden).toBeDefined();
  const measures = measureTest(targets, answers, sets, undefined);
  if (measures.kind !== "tags") throw new TypeError("tags are measured as tags");
  for (const { accuracy } of measures.tags) expect(accuracy).toBeGreaterThan(0.75);
});

test("pictures that all belong together are still asked of heads that were made without them", async () => {
  const { sets: _, ...examples } = examplesOf(60, 2, 0.7);
  const sets = new Int32Array(60);
  const { test: answers } = await teach({ ...examples, sets });
  for (let row = 0; row < 60; row++) expect(answers.answers[2 * row]! + answers.answers[2 * row + 1]!).toBeCloseTo(1, 9);
  const measures = measureTest(examples.targets, answers, sets, undefined);
  if (measures.kind !== "classes") throw new TypeError("classes are measured as classes");
  expect(measures.accuracy.value).toBeGreaterThan(0.85);
  // One person tells nothing of others.
  expect(measures.accuracy.low).toBeLessThan(0.5);
});

test("more of them than are asked in turn: a part is kept apart, and the rest is learnt from", async () => {
  const { sets: _, ...examples } = examplesOf(1100, 2, 0.7);
  const { test: answers, learnt } = await teach({ ...examples, sets: new Int32Array(1100) }, { folds: 3 });
  expect(answers.rows.length).toBe(220);
  expect(learnt.length).toBe(880);
});

test("one person with most of the pictures is no fifth of them", () => {
  const { targets } = examplesOf(1200, 2, 0);
  const sets = Int32Array.from({ length: 1200 }, (_, row) => Math.max(0, row - 800));
  const apart = drawFifth({ targets, sets }, 1200, 1);
  expect(apart.length).toBeGreaterThan(0);
  expect(apart.length).toBeLessThan(360);
  const everyRow = Int32Array.from(sets.keys());
  const { train, validation } = partRows({ targets, sets }, everyRow, 1);
  expect(validation.length).toBeGreaterThan(0);
  expect(train.length).toBeGreaterThan(840);
});

test("whether an interval holds a number is asked of one that the number had no part in", async () => {
  const { features, sets } = examplesOf(20, 2, 0);
  const intervalOfLast = async (last: number): Promise<unknown> => {
    const values = Float64Array.from({ length: 20 }, (_, row) => (row === 19 ? last : row));
    const { test: answers } = await teach({ features, sets, targets: { kind: "number", values } });
    return answers.intervals?.[19];
  };
  const interval = await intervalOfLast(100);
  expect(interval).toMatchObject({ low: expect.any(Number), high: expect.any(Number) });
  expect(await intervalOfLast(1000)).toEqual(interval);
});
