import { type Interval, midPInterval, studentQuantile, wilsonInterval } from "./binomial.ts";
import type { TaskSample } from "./sample.ts";

/**
 * Intervals of means over classes. Percentiles of a bootstrap are too narrow here and err to one side: a class with three faces of which
 * all are right never varies between the draws. So each class gets the interval of a share, which knows that three are few, and the
 * intervals are put together by the method of variance estimates recovery (Zou and Donner, Statistics in Medicine 2008): the ends'
 * distances from the estimate add up like standard deviations. `npm run bench -- intervals` counts how often they hold.
 */

/** Rows of a sample, and of which subject each is. */
export interface SampleRows {
  readonly sample: TaskSample;
  readonly rows: readonly number[];
  /** Index of the subject of each row of the sample. */
  readonly subjects: Int32Array;
}

/** The faces that say something of a class, and what share of them are hits. */
interface ClassCases {
  readonly members: readonly number[];
  readonly share: number;
  /** What each member adds to the class's number beyond the expected, up to a factor; they sum to 0. */
  readonly residuals: ReadonlyMap<number, number>;
}

/** One class's part of a mean. */
interface ClassPart {
  /** What is reported. */
  readonly value: number;
  /** The value freed of its bias: what the interval lies around. */
  readonly estimate: number;
  readonly interval: Interval;
}

/**
 * Interval of a share of cases, of which those of one subject err together: Wilson's, with as many cases as they are worth. A bootstrap
 * over few subjects would be too narrow, and end at the best and the worst of them.
 * @param subjects index of the subject of each case
 */
export function shareInterval(hits: readonly boolean[], subjects: Int32Array): Interval | undefined {
  const members = [...hits.keys()];
  const share = sum(hits.map(Number)) / hits.length;
  const residuals = new Map(members.map((row) => [row, Number(hits[row]!) - share]));
  return combineClasses([{ members, share, residuals }], subjects, (value, cases) => ({
    value,
    estimate: value,
    interval: wilsonInterval(value, cases),
  }));
}

/** Interval of the mean recall of the classes that have faces. */
export function balancedAccuracyInterval({ sample, rows, subjects }: SampleRows): Interval | undefined {
  return combineClasses(casesByClass(sample, rows, isHit), subjects, recallPart);
}

/**
 * Interval of the difference between two models' balanced accuracies on the same faces. The hits of the one and the misses of the other are
 * shares whose mean lies at half of 1 and the difference; what a subject does to both of them tells how they go together.
 */
export function balancedAccuracyDifference({ sample, rows, subjects }: SampleRows, other: TaskSample): Interval | undefined {
  const hits = casesByClass(sample, rows, isHit);
  const misses = casesByClass(other, rows, (told, row) => 1 - isHit(told, row));
  const mean = combineClasses([...hits, ...misses], subjects, recallPart);
  return mean && { low: 2 * mean.low - 1, high: 2 * mean.high - 1 };
}

function isHit({ predicted, truth }: TaskSample, row: number): number {
  return Number(predicted[row] === truth[row]);
}

/** The faces of each class that has some, and the share of them of which `measure` is 1. */
function casesByClass(sample: TaskSample, rows: readonly number[], measure: (sample: TaskSample, row: number) => number): ClassCases[] {
  return [...Map.groupBy(rows, (row) => sample.truth[row]!)].map(([, members]) => {
    const share = sum(members.map((row) => measure(sample, row))) / members.length;
    return { members, share, residuals: new Map(members.map((row) => [row, measure(sample, row) - share])) };
  });
}

function recallPart(share: number, cases: number): ClassPart {
  return { value: share, estimate: share, interval: midPInterval(share, cases) };
}

/**
 * Interval of the mean F1 of the classes that are annotated or predicted. The hits among the faces that are annotated or predicted as a
 * class are binomial, and F1 is a function of that share J: 2 J / (1 + J) (Hand, Christen and Kirielle, Machine Learning 2021).
 */
export function macroF1Interval({ sample, rows, subjects }: SampleRows): Interval | undefined {
  const { truth, predicted } = sample;
  const named = new Set(rows.flatMap((row) => [truth[row]!, predicted[row]!]).filter((index) => index >= 0));
  const classes = [...named].map((index): ClassCases => {
    const members = rows.filter((row) => truth[row] === index || predicted[row] === index);
    const hits = members.filter((row) => truth[row] === predicted[row]).length;
    const f1 = (2 * hits) / (members.length + hits);
    const residual = (row: number): number => (truth[row] === predicted[row] ? 2 - 2 * f1 : -f1);
    return { members, share: hits / members.length, residuals: new Map(members.map((row) => [row, residual(row)])) };
  });
  return combineClasses(classes, subjects, f1Part);
}

function f1Part(share: number, cases: number): ClassPart {
  const f1 = (value: number): number => (2 * value) / (1 + value);
  const { low, high } = midPInterval(share, cases);
  const interval = { low: f1(low), high: f1(high) };
  // F1 is a concave function of a share: that of few faces comes out too low. Corrected to second order, with half a hit and half a miss added.
  const smoothed = (share * cases + 0.5) / (cases + 1);
  const bias = (2 * smoothed * (1 - smoothed)) / ((1 + smoothed) ** 3 * cases);
  return { value: f1(share), estimate: Math.min(interval.high, f1(share) + bias), interval };
}

function combineClasses(
  classes: readonly ClassCases[],
  subjects: Int32Array,
  partOf: (share: number, cases: number) => ClassPart,
): Interval | undefined {
  if (classes.length === 0) return undefined;
  const weight = independentShare(classes, subjects);
  const parts = classes.map(({ members, share }) => partOf(share, effectiveCases(members, share, weight, subjects)));
  const sums = classes.map(({ residuals }) => sumBySubject(residuals, subjects));
  return combine(parts, (first, second) => (first === second ? 1 : correlation(sums[first]!, sums[second]!)));
}

/** The interval of the mean of parts whose estimates have these correlations. */
function combine(parts: readonly ClassPart[], correlationOf: (first: number, second: number) => number): Interval {
  const spread = (distances: readonly number[]): number => {
    const products = distances.flatMap((first, row) => distances.map((second, column) => correlationOf(row, column) * first * second));
    return Math.sqrt(Math.max(0, sum(products))) / parts.length;
  };
  const centre = sum(parts.map(({ estimate }) => estimate)) / parts.length;
  const value = sum(parts.map((part) => part.value)) / parts.length;
  return {
    low: Math.max(0, Math.min(value, centre - spread(parts.map(({ estimate, interval }) => estimate - interval.low)))),
    high: Math.min(1, centre + spread(parts.map(({ estimate, interval }) => interval.high - estimate))),
  };
}

/**
 * As how many independent faces each face counts, 0..1, since faces of one subject err together: the variance that the faces would
 * have without subjects, against that of the subjects' sums, over all classes (the design effect of Kish, 1965), and less where the
 * subjects are few (Korn and Graubard, Survey Methodology 1998). 1 where each face is a subject of its own.
 */
function independentShare(classes: readonly ClassCases[], subjects: Int32Array): number {
  const rows = new Set(classes.flatMap(({ members }) => members));
  const groups = new Set([...rows].map((row) => subjects[row]!));
  if (groups.size === rows.size) return 1;
  if (groups.size < 2) return 1 / rows.size;
  let [ofFaces, ofSubjects] = [0, 0];
  for (const { residuals } of classes) {
    const sums = sumBySubject(residuals, subjects);
    // One subject alone says nothing of how subjects differ.
    if (sums.size < 2) continue;
    ofFaces += unbiased([...residuals.values()]);
    ofSubjects += unbiased([...sums.values()]);
  }
  const share = ofFaces === 0 ? groups.size / rows.size : Math.min(1, ofFaces / ofSubjects);
  return share * (studentQuantile(rows.size - 1) / studentQuantile(groups.size - 1)) ** 2;
}

/** Sum of squares of numbers that sum to 0, corrected for that. */
function unbiased(residuals: readonly number[]): number {
  return sum(residuals.map((value) => value ** 2)) * (residuals.length / (residuals.length - 1));
}

/** As how many independent faces the faces of a class count. Where they all agree, or are of one subject, no more than it has subjects. */
function effectiveCases(members: readonly number[], share: number, independent: number, subjects: Int32Array): number {
  const cases = members.length * independent;
  const own = new Set(members.map((row) => subjects[row]!)).size;
  return own === 1 || share === 0 || share === 1 ? Math.min(cases, own) : cases;
}

function sumBySubject(residuals: ReadonlyMap<number, number>, subjects: Int32Array): Map<number, number> {
  const sums = new Map<number, number>();
  for (const [row, value] of residuals) sums.set(subjects[row]!, (sums.get(subjects[row]!) ?? 0) + value);
  return sums;
}

/** Of two estimates, from what each subject does to them; 0 where one of them does not vary. */
function correlation(first: ReadonlyMap<number, number>, second: ReadonlyMap<number, number>): number {
  const both = sum([...first].map(([subject, value]) => value * (second.get(subject) ?? 0)));
  const squares = [first, second].map((sums) => sum([...sums.values()].map((value) => value ** 2)));
  const scale = Math.sqrt(squares[0]! * squares[1]!);
  return scale === 0 ? 0 : both / scale;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
