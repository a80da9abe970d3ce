import { intervalLevel, type ProgressListener, residualOffsets, sigmoid, softmax, unreachable } from "../../core/index.ts";
import {
  applyHead,
  type FeatureMatrix,
  finishHead,
  type LinearHead,
  type LinearParameters,
  prepareExamples,
  scoreExample,
} from "../../features/index.ts";
import type { Graph } from "../../graph/index.ts";
import type { Candidate } from "./candidates.ts";
import { chooseHead, type ChooseOptions, type ChosenHead, fitChosen, type PreparedProblem, type Starts, type Trial } from "./choose.ts";
import { balancedFolds, foldKeptApart } from "./folds.ts";
import { headGraph } from "./graph.ts";
import type { HiddenLayerFitter } from "./hidden.ts";
import { fitNovelty, type FittedNovelty } from "./novelty.ts";
import { outputCount, stratumOf, type Targets, type TeachingExamples } from "./targets.ts";

export interface TeachOptions {
  /**
   * Rows that are asked at the end and choose nothing. @default up to 1,000 examples every row is asked, by a head that was chosen and
   * fitted without it and what belongs to it (nested cross-validation); of more, a fifth is kept apart
   */
  readonly testRows?: Int32Array | undefined;
  /** Parts of the data that take turns. @default 5; 3 of more than 1,000 examples */
  readonly folds?: number | undefined;
  /** @default 1 */
  readonly seed?: number | undefined;
  /** Learns heads with a layer in between. @default none are tried */
  readonly hidden?: HiddenLayerFitter | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A head, and what is known of it. */
export interface Teaching {
  readonly head: LinearHead;
  readonly novelty: FittedNovelty;
  /** The network: features in, answer and novelty out. */
  readonly graph: Graph;
  readonly candidate: Candidate;
  /** Is in the head already. */
  readonly temperature: number;
  readonly trials: readonly Trial[];
  /** For numbers: what to add to the value for the ends of an interval that holds the true one in 80 % of cases. */
  readonly interval?: { readonly level: number; readonly low: number; readonly high: number };
  readonly test: TestAnswers;
  /** Rows that the head learnt from. */
  readonly learnt: Int32Array;
}

/** What was said of rows that chose nothing and that were not learnt from. */
export interface TestAnswers {
  /** By heads that were made like this one, or by this very one. */
  readonly kind: "cross-validation" | "held out";
  readonly rows: Int32Array;
  /** Probabilities, or numbers, of each of the rows: `[rows, outputs]`. */
  readonly answers: Float64Array;
  /** Of numbers that were asked in turn: the interval of each row's own head, which the row had no part in either. `[rows]` */
  readonly intervals?: readonly Offsets[] | undefined;
}

/** What is added to a number for the ends of its interval. */
export interface Offsets {
  readonly low: number;
  readonly high: number;
}

/** Up to so many examples each is asked in turn: a fifth of fewer would say little. */
export const nestedLimit = 1000;
/** Parts that take turns. With many examples a few parts say as much, in less time. */
const defaultFolds = { few: 5, many: 3 } as const;
/** A part of so many is kept apart, where not everyone is asked in turn. */
const testFolds = 5;
/** Folds of the choice inside each fold: it is made five times. */
const innerFolds = 3;

/** Which of several networks was chosen, and how each did. */
export interface TeachingChoice extends Teaching {
  /** The place of the chosen features among those that were given. */
  readonly view: number;
  /** Loss of the best head on each, on examples that it had not learnt from. */
  readonly viewLosses: readonly number[];
}

/** The same examples as several networks see them. */
export interface ViewedExamples extends Omit<TeachingExamples, "features"> {
  readonly views: readonly [FeatureMatrix, ...FeatureMatrix[]];
}

/**
 * Learns a head from features: chosen among a few by cross-validation, calibrated, with its sense of what is usual, and asked about
 * examples that chose nothing. Of those, only the columns' means and deviations are known to it, where all are asked in turn. It needs
 * no files and no engine, and runs in a browser.
 * @throws {TF_ABORTED}
 */
export async function teach({ features, ...examples }: TeachingExamples, options: TeachOptions = {}): Promise<Teaching> {
  return teachBest({ ...examples, views: [features] }, options);
}

/**
 * As {@link teach}, where several networks have looked: which of them is listened to is chosen like the head. An example that is asked in
 * turn has no say in that either.
 * @throws {TF_ABORTED}
 */
export async function teachBest({ views, targets, sets }: ViewedExamples, options: TeachOptions = {}): Promise<TeachingChoice> {
  const { seed = 1, hidden, onProgress, signal } = options;
  const everyRow = Int32Array.from({ length: views[0].rows }, (_, row) => row);
  const folds = options.folds ?? (everyRow.length > nestedLimit ? defaultFolds.many : defaultFolds.few);
  const testRows = options.testRows ?? drawTestRows({ targets, sets }, everyRow.length, seed);
  const apart = new Set(testRows);
  const learnt = everyRow.filter((row) => !apart.has(row));
  const prepared = views.map((features): PreparedView => ({
    problem: prepareProblem({ features, targets, sets }, learnt),
    steps: new Map(),
  }));
  const places = Int32Array.from(learnt, (_, place) => place);
  const choice = { folds, seed, hidden, onProgress, signal };
  const { view, chosen, losses, all } = await chooseView(prepared, places, choice);
  const { problem } = prepared[view]!;
  const head = finishHead(await fitOnLook(prepared[view]!, places, chosen, choice), problem.examples, 1 / chosen.temperature);
  const features = views[view]!;
  const novelty = fitNovelty(
    features,
    learnt,
    targets,
    problem.examples.scaling,
    dealFolds({ targets, sets }, learnt, Math.max(folds, testFolds), seed + 1),
  );
  const test: TestAnswers =
    testRows === undefined
      ? await askInTurn(prepared, places, { ...choice, starts: all.map(({ starts }) => starts), seed: seed + 2 })
      : { kind: "held out", rows: testRows, answers: answersOf({ features, targets, sets }, testRows, head) };
  return {
    head,
    novelty,
    graph: headGraph(head, novelty.model),
    candidate: chosen.candidate,
    temperature: chosen.temperature,
    trials: chosen.trials,
    ...(problem.targets.kind === "number" ? { interval: conformalInterval(chosen, problem.targets.values) } : {}),
    test,
    learnt,
    view,
    viewLosses: losses,
  };
}

/**
 * How good the best linear head on each network's features is: mean loss on examples that it had not learnt from.
 * @throws {TF_ABORTED}
 */
export async function compareViews(
  { views, targets, sets }: ViewedExamples,
  { folds = defaultFolds.many, seed = 1, onProgress, signal }: Omit<TeachOptions, "testRows" | "hidden"> = {},
): Promise<readonly number[]> {
  const rows = Int32Array.from({ length: views[0].rows }, (_, row) => row);
  const prepared = views.map((features): PreparedView => ({
    problem: prepareProblem({ features, targets, sets }, rows),
    steps: new Map(),
  }));
  return (await chooseView(prepared, rows, { folds, seed, onProgress, signal })).losses;
}

/** What one network sees of the examples. */
interface PreparedView {
  readonly problem: PreparedProblem;
  readonly steps: ChooseOptions["steps"];
}

interface ChoiceOptions extends Omit<ChooseOptions, "steps" | "starts"> {
  /** By view. */
  readonly starts?: readonly Starts[] | undefined;
}

interface ChosenView {
  readonly view: number;
  readonly chosen: ChosenHead;
  readonly all: readonly ChosenHead[];
  readonly losses: readonly number[];
}

/** The best head on each view, and the best of those. */
async function chooseView(prepared: readonly PreparedView[], rows: Int32Array, { starts, ...options }: ChoiceOptions): Promise<ChosenView> {
  const all: ChosenHead[] = [];
  for (const [view, { problem, steps }] of prepared.entries())
    all.push(await chooseHead(problem, rows, { ...options, steps, starts: starts?.[view] }));
  const losses = all.map(({ loss }) => loss);
  const view = losses.indexOf(Math.min(...losses));
  return { view, chosen: all[view]!, all, losses };
}

/** The chosen head, fitted to all of the rows that chose it. */
async function fitOnLook(
  { problem, steps }: PreparedView,
  rows: Int32Array,
  { candidate, starts }: ChosenHead,
  { hidden }: Pick<ChoiceOptions, "hidden">,
): Promise<LinearParameters> {
  return fitChosen(problem, rows, candidate, { starts, hidden, steps });
}

export function prepareProblem({ features, targets, sets }: TeachingExamples, rows: Int32Array): PreparedProblem {
  return {
    examples: prepareExamples(features, rows),
    targets: selectTargets(targets, rows),
    sets: Int32Array.from(rows, (row) => sets[row]!),
  };
}

/** The targets of some rows alone. */
export function selectTargets(targets: Targets, rows: Int32Array): Targets {
  switch (targets.kind) {
    case "classes":
    case "ordered":
      return { ...targets, classes: rows.map((row) => targets.classes[row]!) };
    case "tags": {
      const { labels } = targets;
      return {
        ...targets,
        tags: Uint8Array.from(
          { length: rows.length * labels },
          (_, index) => targets.tags[rows[Math.floor(index / labels)]! * labels + (index % labels)]!,
        ),
      };
    }
    case "number":
      return { ...targets, values: Float64Array.from(rows, (row) => targets.values[row]!) };
    default:
      return unreachable(targets);
  }
}

export function dealFolds(
  { sets, targets }: Pick<TeachingExamples, "sets" | "targets">,
  rows: Int32Array,
  count: number,
  seed: number,
): Int32Array {
  return balancedFolds(rows, (row) => sets[row]!, stratumOf(targets), { count, seed });
}

/** A fifth of more examples than can be asked each in turn: what {@link teachBest} keeps apart, where nobody says what is. */
export function drawTestRows(examples: Pick<TeachingExamples, "sets" | "targets">, count: number, seed: number): Int32Array | undefined {
  return count <= nestedLimit ? undefined : drawFifth(examples, count, seed);
}

/**
 * About a fifth of the rows, as far as what belongs together on one side allows it.
 * @param total as many are drawn as about a fifth of so many. @default `count`
 */
export function drawFifth(
  examples: Pick<TeachingExamples, "sets" | "targets">,
  count: number,
  seed: number,
  total: number = count,
): Int32Array {
  const rows = Int32Array.from({ length: count }, (_, row) => row);
  const parts = Math.max(2, Math.round((testFolds * count) / total));
  const dealt = dealFolds(examples, rows, parts, seed + 3);
  const apart = foldKeptApart(dealt, parts);
  return rows.filter((_, place) => dealt[place] === apart);
}

/** Every row by a head that was chosen, calibrated and fitted on the other folds alone. */
async function askInTurn(prepared: readonly PreparedView[], rows: Int32Array, options: ChoiceOptions): Promise<TestAnswers> {
  const { targets } = prepared[0]!.problem;
  const outputs = outputCount(targets);
  const answers = new Float64Array(rows.length * outputs);
  const intervals = Array.from(rows, (): Offsets => ({ low: 0, high: 0 }));
  const folds = dealFolds(prepared[0]!.problem, rows, options.folds, options.seed);
  for (let fold = 0; fold < options.folds; fold++) {
    const inside = rows.filter((_, place) => folds[place] !== fold);
    const outside = rows.filter((_, place) => folds[place] === fold);
    if (inside.length === 0 || outside.length === 0) continue;
    const { view, chosen } = await chooseView(prepared, inside, { ...options, folds: innerFolds, onProgress: undefined });
    const parameters = await fitOnLook(prepared[view]!, inside, chosen, options);
    const interval = targets.kind === "number" ? conformalInterval(chosen, targets.values) : undefined;
    for (const row of outside) {
      if (interval !== undefined) intervals[row] = interval;
      const scores = scoreExample(parameters, prepared[view]!.problem.examples, row).map((score) => score / chosen.temperature);
      answers.set(activate(targets, scores), row * outputs);
    }
    options.onProgress?.({ stage: "ask about unseen examples", done: fold + 1, total: options.folds });
  }
  return { kind: "cross-validation", rows, answers, ...(targets.kind === "number" ? { intervals } : {}) };
}

export function answersOf({ features, targets }: TeachingExamples, rows: Int32Array, head: LinearHead): Float64Array {
  const answers = new Float64Array(rows.length * head.outputs);
  for (const [place, row] of rows.entries()) answers.set(activate(targets, applyHead(head, features, row)), place * head.outputs);
  return answers;
}

/** Probabilities of raw numbers, as the kind of task wants them; numbers stay as they are. */
function activate({ kind }: Targets, scores: Float64Array): Float64Array {
  if (kind === "number") return scores;
  return kind === "tags" ? scores.map((score) => sigmoid(score)) : softmax(scores);
}

/** Ends of an interval from the errors on unseen examples; of so few that nothing is promised, all of them lie in it. */
export function conformalInterval({ unseen }: Pick<ChosenHead, "unseen">, values: Float64Array): NonNullable<Teaching["interval"]> {
  const errors = Float64Array.from(unseen, (value, row) => values[row]! - value).filter((error) => !Number.isNaN(error));
  const { low, high } = residualOffsets(errors, intervalLevel) ?? {
    low: errors.reduce((least, error) => Math.min(least, error), 0),
    high: errors.reduce((largest, error) => Math.max(largest, error), 0),
  };
  return { level: intervalLevel, low: Math.min(0, low), high: Math.max(0, high) };
}
