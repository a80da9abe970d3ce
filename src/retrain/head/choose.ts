import { type ProgressListener, throwIfAborted } from "../../core/index.ts";
import { fitTemperature, type TargetRange } from "../../evaluate/index.ts";
import { type LinearParameters, type PreparedExamples, prepareSteps, scoreExample, type Steps } from "../../features/index.ts";
import { type Candidate, candidateFamilies, fitCandidate, lossOf } from "./candidates.ts";
import { balancedFolds } from "./folds.ts";
import { fewestForHidden, type HiddenLayerFitter } from "./hidden.ts";
import { outputCount, stratumOf, type Targets } from "./targets.ts";

/** How a candidate did on rows that it had not learnt from. */
export interface Trial extends Candidate {
  /** Mean over the rows: nats at the best temperature, or squared error. */
  readonly loss: number;
}

/** The head that was chosen, and what is known of it. */
export interface ChosenHead {
  readonly candidate: Candidate;
  /** Every candidate that was tried, in order. */
  readonly trials: readonly Trial[];
  /** Raw numbers by a head that had not learnt from the row, `[examples, outputs]`; `NaN` for rows that were not asked. */
  readonly unseen: Float64Array;
  /** Divides raw numbers; fitted on `unseen`. 1 for numbers. */
  readonly temperature: number;
  /** Of the candidate: see {@link Trial}. */
  readonly loss: number;
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
  readonly steps: Map<number, Steps>;
  /** Learns heads with a layer in between; they are tried where there are examples enough. @default none are tried */
  readonly hidden?: HiddenLayerFitter | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** With more examples than this, candidates are compared on so many: what is best hardly depends on more. */
const comparedRows = 6000;
/** Nats: heads that are compared need not be as exact as the one that stays. */
const tolerances = { compared: 1e-4, final: 1e-9 } as const;
/** Temperatures stay within this range: with few examples and no mistake among them, any confidence would look too small. */
const temperatureRange = { low: 0.5, high: 4 } as const;

/** Milliseconds after which others get their turn: browsers wait 4 of them each time, which would be half of a small problem's time. */
const breath = 30;

/** Lets Ctrl-C, progress and a page's events have their turn, now and then. */
function createBreather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < breath) return;
    await new Promise((resolve) => setTimeout(resolve));
    last = performance.now();
  };
}

function keyOf({ ridge, isOrdered }: Candidate): string {
  return `${ridge} ${isOrdered}`;
}

function stepsFor({ examples }: PreparedProblem, ridge: number, kept: Map<number, Steps>): Steps {
  const steps = kept.get(ridge) ?? prepareSteps(examples, ridge);
  kept.set(ridge, steps);
  return steps;
}

/** What a candidate said of examples that it had not learnt from. */
interface Comparison {
  readonly loss: number;
  readonly unseen: Float64Array;
  /** By fold. */
  readonly solutions: readonly (LinearParameters | undefined)[];
}

interface Tried extends Comparison {
  readonly candidate: Candidate;
}

/**
 * Chooses a head among candidates by cross-validation; {@link fitChosen} fits it to all of the rows.
 * @param rows which examples it may learn from
 * @throws {TF_ABORTED}
 */
export async function chooseHead(problem: PreparedProblem, rows: Int32Array, options: ChooseOptions): Promise<ChosenHead> {
  const folds = dealMembers(problem, rows, options);
  const tried: Tried[] = [];
  const starts = new Map<string, LinearParameters>();
  const report = (): void => options.onProgress?.({ stage: "choose a head", done: tried.length, total: Math.max(tried.length, 8) });
  for (const { members, first } of candidateFamilies(problem.targets, rows.length)) {
    const attempt = async (index: number, near: Tried | undefined): Promise<Tried> => {
      const candidate = members[index]!;
      const comparison = await compareLinear(problem, candidate, folds, near?.solutions ?? [], options);
      const solution = comparison.solutions.find((found) => found !== undefined);
      if (solution !== undefined) starts.set(keyOf(candidate), solution);
      tried.push({ candidate, ...comparison });
      report();
      return tried.at(-1)!;
    };
    await walk(members.length, first, attempt);
  }
  if (options.hidden !== undefined && rows.length >= fewestForHidden) {
    tried.push(...(await compareHidden(problem, folds, options.hidden, options.signal)));
    report();
  }
  const best = tried.reduce((least, one) => (one.loss < least.loss ? one : least));
  return {
    candidate: best.candidate,
    trials: tried.map(({ candidate, loss }) => Object.assign({ loss }, candidate)).toSorted((a, b) => b.ridge - a.ridge),
    unseen: best.unseen,
    loss: best.loss,
    temperature: chooseTemperature(problem.targets, best.unseen),
    starts,
  };
}

/** From the first candidate towards weaker ridges as long as they do better; if none did, towards stronger ones. The loss has one valley. */
async function walk(count: number, first: number, attempt: (index: number, near: Tried | undefined) => Promise<Tried>): Promise<void> {
  const begun = await attempt(first, undefined);
  let best = begun;
  for (const step of [1, -1]) {
    if (best !== begun) return;
    for (let index = first + step, near = begun; index >= 0 && index < count; index += step) {
      near = await attempt(index, near);
      if (near.loss >= best.loss) break;
      best = near;
    }
  }
}

/** Fits a candidate to some rows, to the end. */
export async function fitChosen(
  problem: PreparedProblem,
  rows: Int32Array,
  candidate: Candidate,
  { starts, hidden, steps }: Pick<ChooseOptions, "hidden" | "steps"> & { readonly starts: Starts },
): Promise<LinearParameters> {
  if (candidate.hidden !== undefined && hidden !== undefined) return (await hidden.fit(problem, rows, candidate.hidden.steps)).at(-1)!;
  return fitCandidate(candidate, problem.examples, {
    rows,
    targets: problem.targets,
    steps: stepsFor(problem, candidate.ridge, steps),
    start: starts.get(keyOf(candidate)),
    tolerance: tolerances.final,
  });
}

/** The rows of each fold. */
function dealMembers({ sets, targets }: PreparedProblem, rows: Int32Array, { folds: count, seed }: ChooseOptions): Int32Array[] {
  const folds = balancedFolds(rows, (row) => sets[row]!, stratumOf(targets), { count, seed });
  return Array.from({ length: count }, (_, fold) =>
    rows.filter((_row, place) => folds[place] === fold).slice(0, Math.ceil(comparedRows / count)),
  );
}

/** Goes over the folds: what is inside is learnt from, what is outside is asked. Folds without one of the two are passed over. */
async function overFolds(
  members: readonly Int32Array[],
  signal: AbortSignal | undefined,
  visit: (inside: Int32Array, outside: Int32Array, fold: number) => Promise<void> | void,
): Promise<void> {
  const breathe = createBreather();
  for (const [fold, outside] of members.entries()) {
    throwIfAborted(signal);
    const inside = Int32Array.from(members.filter((_, other) => other !== fold).flatMap((others) => Array.from(others)));
    if (inside.length === 0 || outside.length === 0) continue;
    await visit(inside, outside, fold);
    await breathe();
  }
}

async function compareLinear(
  problem: PreparedProblem,
  candidate: Candidate,
  members: readonly Int32Array[],
  near: readonly (LinearParameters | undefined)[],
  { steps, starts, signal }: ChooseOptions,
): Promise<Comparison> {
  const { examples, targets } = problem;
  const unseen = createUnseen(problem);
  const solutions: (LinearParameters | undefined)[] = [];
  await overFolds(members, signal, (rows, outside, fold) => {
    const start = starts?.get(keyOf(candidate)) ?? near[fold];
    const options = { rows, targets, steps: stepsFor(problem, candidate.ridge, steps), start, tolerance: tolerances.compared };
    const parameters = fitCandidate(candidate, examples, options);
    solutions[fold] = parameters;
    ask(parameters, problem, outside, unseen);
  });
  return { loss: meanLoss(targets, unseen), unseen, solutions };
}

async function compareHidden(
  problem: PreparedProblem,
  members: readonly Int32Array[],
  hidden: HiddenLayerFitter,
  signal: AbortSignal | undefined,
): Promise<Tried[]> {
  const { stops, units } = hidden;
  const unseen = stops.map(() => createUnseen(problem));
  await overFolds(members, signal, async (inside, outside) => {
    for (const [stop, parameters] of (await hidden.fit(problem, inside, stops.at(-1)!)).entries())
      ask(parameters, problem, outside, unseen[stop]!);
  });
  return stops.map((steps, stop) => ({
    candidate: { ridge: 0, isOrdered: false, hidden: { units, steps } },
    loss: meanLoss(problem.targets, unseen[stop]!),
    unseen: unseen[stop]!,
    solutions: [],
  }));
}

function createUnseen({ examples, targets }: PreparedProblem): Float64Array {
  return new Float64Array(examples.rows * outputCount(targets)).fill(Number.NaN);
}

function ask(parameters: LinearParameters, { examples }: PreparedProblem, rows: Int32Array, unseen: Float64Array): void {
  for (const row of rows) unseen.set(scoreExample(parameters, examples, row), row * parameters.outputs);
}

/** Over the rows that were asked, at the temperature that is best for them: confidence is mended later, whoever wins. */
export function meanLoss(targets: Targets, unseen: Float64Array): number {
  const outputs = outputCount(targets);
  const temperature = chooseTemperature(targets, unseen);
  let [loss, judged] = [0, 0];
  for (let row = 0; row * outputs < unseen.length; row++) {
    if (Number.isNaN(unseen[row * outputs]!)) continue;
    loss += lossOf(targets, row, unseen.subarray(row * outputs, (row + 1) * outputs), temperature);
    judged++;
  }
  return judged === 0 ? Number.POSITIVE_INFINITY : loss / judged;
}

export function chooseTemperature(targets: Targets, unseen: Float64Array): number {
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
