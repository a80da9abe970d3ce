import {
  ageInterval,
  argMax,
  type Conformal,
  conformalRank,
  expectedYears,
  groupOfLabel,
  groupOfNumber,
  intervalLevel,
  labelIndex,
  type IntervalTails,
  massToReach,
  maximumAge,
  smallestIntervalMass,
  residualOffsets,
  type TaskDefinition,
  TensorFaceError,
} from "../core/index.ts";
import { type FacePrediction, intervalShareOf } from "./prediction.ts";

/** Sets of labels hold more than intervals: of seven moods two or three are few, and a set of one is an answer. */
export const setLevel = 0.9;
/** A group with fewer labelled faces joins another: with 100 the share that is held lies within 8 points of the level in 95 of 100 calibrations at 80 %. */
export const smallestConformalGroup = 100;

export interface FitConformalOptions {
  /** The share of true answers that are to be held. @default 0.8 of intervals, 0.9 of sets of labels */
  readonly level?: number | undefined;
  /** See {@link smallestConformalGroup}; where the level needs more faces than this, as many as it needs. */
  readonly smallestGroup?: number | undefined;
  /** The faces in words, for the manifest. */
  readonly source: string;
}

/** A calibration, and what it is like on the faces that it is from. */
export interface ConformalFit {
  readonly conformal: Conformal;
  /** Faces that were found and have the label. */
  readonly faces: number;
  /** The mean width of an interval, ends included, in years or the number's unit; or the mean number of labels in a set. */
  readonly size: number;
  /** Of the intervals that the model gave before: the share that held the true value, and their mean width. */
  readonly before?: { readonly held: number; readonly size: number };
}

/**
 * Fits the intervals or sets of one task on found faces whose true answer is known (split conformal prediction, by groups of answers).
 * Ages that are labelled as a group tell nothing of an interval's ends and are left out.
 * @returns undefined for tags, and where no face has the label
 * @throws {TF_EXAMPLES_FEW} when so few faces have it that nothing can be promised
 */
export function fitConformal(
  predictions: readonly FacePrediction[],
  task: TaskDefinition,
  { level = usualLevel(task), smallestGroup = smallestConformalGroup, source }: FitConformalOptions,
): ConformalFit | undefined {
  const faces = predictions.filter(({ found }) => found);
  const least = leastFaces(task.kind === "number" ? sideLevel(level) : level);
  const fitting = { task, source, level, smallestGroup: Math.max(smallestGroup, least) };
  switch (task.kind) {
    case "age":
      return fitAge(ages(faces), fitting);
    case "number":
      return fitNumber(numbers(faces, task), fitting);
    case "ordered":
      return fitOrdered(labelled(faces, task), fitting);
    case "classes":
      return fitClasses(labelled(faces, task), fitting);
    case "tags":
      return undefined;
    default:
      return task.kind satisfies never;
  }
}

function usualLevel({ kind }: TaskDefinition): number {
  return kind === "age" || kind === "number" ? intervalLevel : setLevel;
}

/** The share of true numbers that lie on the right side of each end, where the rest is divided between both. */
function sideLevel(level: number): number {
  return 1 - (1 - level) / 2;
}

/** Fewer faces promise nothing at a level: the rank of the one that bounds them would be beyond the last. */
function leastFaces(level: number): number {
  return Math.ceil(level / (1 - level) - 1e-9);
}

interface Fitting {
  readonly smallestGroup: number;
  readonly source: string;
  readonly task: TaskDefinition;
  readonly level: number;
}

interface AgedFace {
  readonly distribution: readonly number[];
  readonly age: number;
  /** What the model's own interval takes, or leaves out. */
  readonly share: number | IntervalTails | undefined;
}

function ages(faces: readonly FacePrediction[]): AgedFace[] {
  return faces.flatMap((face) => {
    const { age } = face.labels;
    const distribution = face.probabilities.age;
    return age !== undefined && age.low === age.high && distribution !== undefined
      ? [{ distribution, age: Math.min(age.low, maximumAge), share: intervalShareOf(face) }]
      : [];
  });
}

function fitAge(faces: readonly AgedFace[], { level, smallestGroup, source }: Fitting): ConformalFit | undefined {
  if (faces.length === 0) return undefined;
  const years = faces.map(({ distribution }) => expectedYears(distribution));
  const starts = joinedStarts(decades, years, smallestGroup);
  const groups = byStart(starts, years, (members) => ({
    mass: massFor(
      members.map((index) => massToReach(faces[index]!.distribution, faces[index]!.age)),
      level,
      "age",
    ),
  }));
  const size = mean(faces.map(({ distribution }, index) => yearsIn(ageInterval(distribution, groupOfNumber(groups, years[index]!).mass))));
  const own = faces.map(({ distribution, share }) => ageInterval(distribution, share));
  const held = mean(faces.map(({ age }, index) => Number(age >= own[index]!.low && age <= own[index]!.high)));
  const before = { held, size: mean(own.map(yearsIn)) };
  return { conformal: { kind: "age", level, source, groups }, faces: faces.length, size, before };
}

function yearsIn({ low, high }: Ends): number {
  return high - low + 1;
}

/** Where groups of ages may begin: what is told, not what is true. */
const decades: readonly number[] = Array.from({ length: 10 }, (_, index) => index * 10);

interface Ends {
  readonly low: number;
  readonly high: number;
}

interface NumberedFace {
  readonly told: number;
  readonly truth: number;
  /** What the model said before. */
  readonly interval: Ends;
}

function numbers(faces: readonly FacePrediction[], { name }: TaskDefinition): NumberedFace[] {
  return faces.flatMap(({ labels, probabilities }) => {
    const truth = labels.attributes?.[name];
    const [told, low, high] = probabilities[name] ?? [];
    const isKnown = typeof truth === "number" && told !== undefined && low !== undefined && high !== undefined;
    return isKnown ? [{ told, truth, interval: { low, high } }] : [];
  });
}

/** Groups of numbers at most: of equal size, by what is told. */
const mostNumberGroups = 5;

function fitNumber(faces: readonly NumberedFace[], { task, level, smallestGroup, source }: Fitting): ConformalFit | undefined {
  if (faces.length === 0) return undefined;
  const told = faces.map((face) => face.told);
  const count = Math.min(mostNumberGroups, Math.max(1, Math.floor(faces.length / smallestGroup)));
  const sorted = told.toSorted((a, b) => a - b);
  const quantiles = Array.from({ length: count }, (_, index) => sorted[Math.floor((index * sorted.length) / count)]!);
  const starts = joinedStarts([...new Set(quantiles)], told, smallestGroup);
  const groups = byStart(starts, told, (members) => {
    const offsets = residualOffsets(
      members.map((index) => faces[index]!.truth - faces[index]!.told),
      level,
    );
    return offsets ?? tooFew(members.length, sideLevel(level), task.name);
  });
  const { minimum = -Infinity, maximum = Infinity } = task;
  const bounded = (value: number): number => Math.min(Math.max(value, minimum), maximum);
  const size = mean(
    told.map((value) => {
      const { low, high } = groupOfNumber(groups, value);
      return width({ low: bounded(value + low), high: bounded(value + high) });
    }),
  );
  const held = mean(faces.map(({ truth, interval }) => Number(truth >= interval.low && truth <= interval.high)));
  const before = { held, size: mean(faces.map(({ interval }) => width(interval))) };
  return { conformal: { kind: "number", level, source, groups }, faces: faces.length, size, before };
}

function width({ low, high }: Ends): number {
  return high - low;
}

interface LabelledFace {
  /** In the order of the task's labels. */
  readonly probabilities: readonly number[];
  /** The index of the true label. */
  readonly truth: number;
  /** The most probable label. */
  readonly told: string;
}

function labelled(faces: readonly FacePrediction[], { name, labels = [] }: TaskDefinition): LabelledFace[] {
  return faces.flatMap((face) => {
    const said = face.probabilities[name];
    const label = name === "gender" || name === "mood" ? face.labels[name] : face.labels.attributes?.[name];
    const truth = typeof label === "string" ? labelIndex(labels, label) : -1;
    return said === undefined || truth < 0 ? [] : [{ probabilities: said, truth, told: labels[argMax(said)]! }];
  });
}

function fitClasses(
  faces: readonly LabelledFace[],
  { task: { name, labels = [] }, level, smallestGroup, source }: Fitting,
): ConformalFit | undefined {
  if (faces.length === 0) return undefined;
  const groups = byLabel(joinedLabels(labels, faces, smallestGroup, isAnywhere), faces, (members) => {
    // The smaller the probability of the true label, the stranger the face: the last rank counts from the most probable.
    const sure = members.map(({ probabilities, truth }) => probabilities[truth]!).toSorted((a, b) => b - a);
    return { probability: sure[requireRank(sure.length, level, name) - 1]! };
  });
  const sizes = faces.map(({ probabilities, told }) => {
    const least = groupOfLabel(groups, told).probability;
    return Math.max(1, probabilities.filter((probability) => probability >= least).length);
  });
  return { conformal: { kind: "classes", level, source, groups }, faces: faces.length, size: mean(sizes) };
}

function fitOrdered(
  faces: readonly LabelledFace[],
  { task: { name, labels = [] }, level, smallestGroup, source }: Fitting,
): ConformalFit | undefined {
  if (faces.length === 0) return undefined;
  const groups = byLabel(joinedLabels(labels, faces, smallestGroup, isNeighbour), faces, (members) => ({
    mass: massFor(
      members.map(({ probabilities, truth }) => massToReach(probabilities, truth)),
      level,
      name,
    ),
  }));
  const sizes = faces.map(({ probabilities, told }) => {
    const { low, high } = ageInterval(probabilities, groupOfLabel(groups, told).mass);
    const best = labels.indexOf(told);
    return Math.max(high, best) - Math.min(low, best) + 1;
  });
  return { conformal: { kind: "ordered", level, source, groups }, faces: faces.length, size: mean(sizes) };
}

/** The share of a distribution whose interval reaches the true value of `level` of the faces that need these. */
function massFor(needed: readonly number[], level: number, task: string): number {
  const mass = needed.toSorted((a, b) => a - b)[requireRank(needed.length, level, task) - 1]!;
  return Math.min(Math.max(mass, smallestIntervalMass), 1);
}

function requireRank(count: number, level: number, task: string): number {
  return conformalRank(count, level) ?? tooFew(count, level, task);
}

/** @throws {TF_EXAMPLES_FEW} */
function tooFew(count: number, level: number, task: string): never {
  throw new TensorFaceError("TF_EXAMPLES_FEW", `${count} labelled faces promise nothing for ${task}: ${leastFaces(level)} are the least`, {
    hint: "Label more faces, or ask for a lower level: at 80 % of ranges and 90 % of sets a hundred for each group of answers are good.",
  });
}

/**
 * The starts that are left when a group with too few faces joins the next one, and the last ones, where they are too few, the one before. How
 * many faces there are decides it and nothing of whether their answers are right, so that each group keeps its promise by itself.
 */
function joinedStarts(starts: readonly number[], values: readonly number[], smallest: number): readonly number[] {
  const kept: number[] = [starts[0]!];
  let count = 0;
  for (const [index, start] of starts.entries()) {
    const end = starts[index + 1] ?? Number.POSITIVE_INFINITY;
    count += values.filter((value) => (value >= start || index === 0) && value < end).length;
    if (count < smallest || end === Number.POSITIVE_INFINITY) continue;
    kept.push(end);
    count = 0;
  }
  return count < smallest && kept.length > 1 ? kept.slice(0, -1) : kept;
}

/** The groups between starts: each with its faces and what is fitted on them. */
function byStart<Fitted>(
  starts: readonly number[],
  values: readonly number[],
  fit: (members: readonly number[]) => Fitted,
): (Fitted & { readonly from?: number; readonly faces: number })[] {
  return starts.map((start, index) => {
    const end = starts[index + 1] ?? Number.POSITIVE_INFINITY;
    const members = [...values.keys()].filter((face) => (values[face]! >= start || index === 0) && values[face]! < end);
    return { ...(index === 0 ? {} : { from: start }), faces: members.length, ...fit(members) };
  });
}

type CanJoin = (at: number, other: number) => boolean;
const isAnywhere: CanJoin = () => true;
const isNeighbour: CanJoin = (at, other) => Math.abs(at - other) === 1;

/** Groups of labels: the smallest one that has too few faces joins the smallest that it may join, until none has too few. */
function joinedLabels(
  labels: readonly string[],
  faces: readonly LabelledFace[],
  smallest: number,
  canJoin: CanJoin,
): readonly (readonly string[])[] {
  let groups = labels.map((label) => ({ labels: [label], faces: faces.filter(({ told }) => told === label).length }));
  for (;;) {
    const [small] = groups.filter((group) => group.faces < smallest).toSorted((a, b) => a.faces - b.faces);
    if (small === undefined || groups.length === 1) return groups.map((group) => group.labels);
    const at = groups.indexOf(small);
    const [other] = groups.filter((group, index) => group !== small && canJoin(at, index)).toSorted((a, b) => a.faces - b.faces);
    const joined = {
      labels: labels.filter((label) => small.labels.includes(label) || other!.labels.includes(label)),
      faces: small.faces + other!.faces,
    };
    groups = groups.flatMap((group) => (group === small ? [] : group === other ? [joined] : [group]));
  }
}

function byLabel<Fitted>(
  groups: readonly (readonly string[])[],
  faces: readonly LabelledFace[],
  fit: (members: readonly LabelledFace[]) => Fitted,
): (Fitted & { readonly labels: readonly string[]; readonly faces: number })[] {
  return groups.map((labels) => {
    const members = faces.filter(({ told }) => labels.includes(told));
    return { labels, faces: members.length, ...fit(members) };
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
