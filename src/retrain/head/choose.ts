import { type ProgressListener, throwIfAborted } from "../../core/index.ts";
import { fitTemperature, type TargetRange } from "../../evaluate/temperature.ts";
import { type LinearParameters, type PreparedExamples, prepareSteps, scoreExample } from "../../features/linear-head.ts";
import { type Candidate, candidateFamilies, fitCandidate, lossOf } from "./candidates.ts";
import { balancedFolds } from "./folds.ts";
import { outputCount, stratumOf, type Targets } from "./targets.ts";

/** How a candidate did on rows that it had not learnt from. */
export interface Trial extends Candidate {
  /** Mean over the rows: nats, or squared error. */
  readonly loss: number;
}

/** The head that was chosen, and what is known of it. */
export interface ChosenHead {
  /** Fitted to all of the rows. */
  readonly parameters: LinearParameters;
  readonly candidate: Candidate;
  /** Every candidate that was tried, in order. */
  readonly trials: readonly Trial[];
  /** Raw numbers by a head that had not learnt from the row, `[examples, outputs]`; `NaN` for rows that were not asked. */
  readonly unseen: Float64Array;
  /** Divides raw numbers; fitted on `unseen`. 1 for numbers. */
  readonly temperature: number;
  /** Solutions by candidate, to begin others with. */
  readonly starts: Starts;
}

/** A solution for each candidate, by {@link keyOf}. */
export type Starts = ReadonlyMap<string, LinearParameters>;

/** Examples that are prepared together; their rows and those of `targets` and `sets` are the same. */
export interface PreparedProblem {
  readonly examples: PreparedExamples;
  readonly targets: Targets;
  readonly sets: ArrayLike<number>;
}

export interface ChooseOptions {
  readonly folds: number;
  readonly seed: number;
  /** Where fits begin: the problem has one solution, wherever it is begun. */
  readonly starts?: Starts | undefined;
  /** Factors of {@link prepareSteps} by ridge, which are the same for every choice on these examples. */
  readonly steps: Map<number, Float64Array>;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** With more examples than this, candidates are compared on so many: what is best hardly depends on more. */
const comparedRows = 6000;
/** A family ends after so many candidates in a row that did not do better: the ridge is past its best. */
const patience = 2;
/** Nats: heads that are compared need not be as exact as the one that stays. */
const tolerances = { compared: 1e-5, final: 1e-9 } as const;
/** Temperatures stay within this range: with few examples and no mistake among them, any confidence would look too small. */
const temperatureRange = { low: 0.5, high: 4 } as const;

/** Lets Ctrl-C, progress and a page's events have their turn. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

function keyOf({ ridge, isOrdered }: Candidate): string {
  return `${ridge} ${isOrdered}`;
}

function stepsFor({ examples }: PreparedProblem, ridge: number, kept: Map<number, Float64Array>): Float64Array {
  const steps = kept.get(ridge) ?? prepareSteps(examples, ridge);
  kept.set(ridge, steps);
  return steps;
}

/**
 * Chooses a head among candidates by cross-validation, and fits it.
 * @param rows which examples it may learn from
 * @throws {TF_ABORTED}
 */
export async function chooseHead(problem: PreparedProblem, rows: Int32Array, options: ChooseOptions): Promise<ChosenHead> {
  const { examples, targets } = problem;
  const compare = compareOn(problem, rows, options);
  const trials: Trial[] = [];
  const starts = new Map<string, LinearParameters>();
  let best: { readonly trial: Trial; readonly unseen: Float64Array } | undefined;
  const families = candidateFamilies(targets);
  const total = families.reduce((sum, family) => sum + family.length, 0);
  for (const [index, family] of families.entries()) {
    let [worse, least] = [0, Number.POSITIVE_INFINITY];
    let before: readonly (LinearParameters | undefined)[] = [];
    for (const [step, candidate] of family.entries()) {
      const { loss, unseen, solutions } = await compare(candidate, before);
      before = solutions;
      const solution = solutions.find((found) => found !== undefined);
      if (solution !== undefined) starts.set(keyOf(candidate), solution);
      const trial = { ...candidate, loss };
      trials.push(trial);
      if (best === undefined || loss < best.trial.loss) best = { trial, unseen };
      worse = loss < least ? 0 : worse + 1;
      least = Math.min(least, loss);
      options.onProgress?.({ stage: "choose a head", done: index * family.length + step + 1, total });
      if (worse >= patience) break;
    }
  }
  const { trial, unseen } = best!;
  const parameters = fitCandidate(trial, examples, {
    rows,
    targets,
    steps: stepsFor(problem, trial.ridge, options.steps),
    start: starts.get(keyOf(trial)),
    tolerance: tolerances.final,
  });
  const { ridge, isOrdered } = trial;
  return { parameters, candidate: { ridge, isOrdered }, trials, unseen, temperature: chooseTemperature(targets, unseen), starts };
}

interface Comparison {
  readonly loss: number;
  readonly unseen: Float64Array;
  /** By fold. */
  readonly solutions: readonly (LinearParameters | undefined)[];
}

type Compare = (candidate: Candidate, before: readonly (LinearParameters | undefined)[]) => Promise<Comparison>;

function compareOn(
  problem: PreparedProblem,
  rows: Int32Array,
  { folds: count, seed, starts, steps: kept, signal }: ChooseOptions,
): Compare {
  const { examples, targets, sets } = problem;
  const outputs = outputCount(targets);
  const folds = balancedFolds(rows, (row) => sets[row]!, stratumOf(targets), { count, seed });
  const members = Array.from({ length: count }, (_, fold) =>
    rows.filter((_row, place) => folds[place] === fold).slice(0, Math.ceil(comparedRows / count)),
  );
  return async (candidate, before) => {
    const unseen = new Float64Array(examples.rows * outputs).fill(Number.NaN);
    const solutions: (LinearParameters | undefined)[] = [];
    let [loss, judged] = [0, 0];
    for (const [fold, outside] of members.entries()) {
      throwIfAborted(signal);
      const inside = Int32Array.from(members.filter((_, other) => other !== fold).flatMap((others) => Array.from(others)));
      // Where all are linked there is nobody to learn from, or nobody to ask.
      if (inside.length === 0 || outside.length === 0) continue;
      const parameters = fitCandidate(candidate, examples, {
        rows: inside,
        targets,
        steps: stepsFor(problem, candidate.ridge, kept),
        start: starts?.get(keyOf(candidate)) ?? before[fold],
        tolerance: tolerances.compared,
      });
      solutions[fold] = parameters;
      for (const row of outside) {
        const scores = scoreExample(parameters, examples, row);
        unseen.set(scores, row * outputs);
        loss += lossOf(targets, row, scores);
        judged++;
      }
      await nextTurn();
    }
    return { loss: judged === 0 ? Number.POSITIVE_INFINITY : loss / judged, unseen, solutions };
  };
}

function chooseTemperature(targets: Targets, unseen: Float64Array): number {
  if (targets.kind === "number") return 1;
  const logits: (readonly number[])[] = [];
  const truth: TargetRange[] = [];
  const { labels } = targets;
  for (let row = 0; row * labels < unseen.length; row++) {
    const scores = [...unseen.subarray(row * labels, (row + 1) * labels)];
    if (Number.isNaN(scores[0])) continue;
    const pairs: (readonly [readonly number[], number])[] =
      targets.kind === "tags"
        ? scores.map((score, tag) => [[0, score], targets.tags[row * labels + tag]!])
        : [[scores, targets.classes[row]!]];
    for (const [values, index] of pairs) {
      logits.push(values);
      truth.push({ low: index, high: index });
    }
  }
  if (logits.length === 0) return 1;
  return Math.min(temperatureRange.high, Math.max(temperatureRange.low, fitTemperature(logits, truth)));
}
