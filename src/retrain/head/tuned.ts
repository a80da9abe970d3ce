import { applyHead, type FeatureMatrix, finishHead, type LinearHead } from "../../features/index.ts";
import type { Candidate } from "./candidates.ts";
import { chooseTemperature, fitChosen, meanLoss } from "./choose.ts";
import { foldKeptApart } from "./folds.ts";
import { headGraph } from "./graph.ts";
import type { HiddenLayerFitter } from "./hidden.ts";
import { fitNoveltyApart } from "./novelty.ts";
import type { Targets, TeachingExamples } from "./targets.ts";
import { answersOf, conformalInterval, dealFolds, prepareProblem, selectTargets, type Teaching } from "./teach.ts";

/** Of the rows that choose, those that are learnt from and those that say when to stop: four fifths and one. */
export interface ChoosingRows {
  readonly train: Int32Array;
  readonly validation: Int32Array;
}

/** One of so many says when to stop. */
const parts = 5;

/** Parts the rows that choose; what belongs together stays on one side. */
export function partRows(examples: Pick<TeachingExamples, "sets" | "targets">, rows: Int32Array, seed: number): ChoosingRows {
  const dealt = dealFolds(examples, rows, parts, seed + 4);
  const apart = foldKeptApart(dealt, parts);
  return { train: rows.filter((_, place) => dealt[place] !== apart), validation: rows.filter((_, place) => dealt[place] === apart) };
}

/** A candidate fitted to some rows, without a temperature. */
export async function fitOn(
  teaching: TeachingExamples,
  rows: Int32Array,
  candidate: Candidate,
  hidden: HiddenLayerFitter | undefined,
): Promise<LinearHead> {
  const problem = prepareProblem(teaching, rows);
  const places = Int32Array.from(rows, (_, place) => place);
  const parameters = await fitChosen(problem, places, candidate, { starts: new Map(), hidden, steps: new Map() });
  return finishHead(parameters, problem.examples);
}

/** What a head says of every row, `[rows, outputs]`. */
function scoresOf(head: LinearHead, features: FeatureMatrix): Float64Array {
  const scores = new Float64Array(features.rows * head.outputs);
  for (let row = 0; row < features.rows; row++) scores.set(applyHead(head, features, row), row * head.outputs);
  return scores;
}

/** Mean loss of a head's answers, at the temperature that is best for them. */
export function lossOn(head: LinearHead, features: FeatureMatrix, targets: Targets): number {
  return meanLoss(targets, scoresOf(head, features));
}

/** A head that was learnt together with its network's last blocks: calibrated on the rows that said when to stop. */
export function finishTuned(
  teaching: TeachingExamples,
  tuned: LinearHead,
  { train, validation }: ChoosingRows,
  { testRows, candidate }: { readonly testRows: Int32Array; readonly candidate: Candidate },
): Teaching {
  const { features, targets } = teaching;
  const asked = selectTargets(targets, validation);
  const scores = scoresOf(tuned, rowsOf(features, validation));
  const temperature = chooseTemperature(asked, scores);
  const scaled = (values: Float32Array): Float32Array => values.map((value) => value / temperature);
  const head: LinearHead = { ...tuned, weights: scaled(tuned.weights), bias: scaled(tuned.bias) };
  const novelty = fitNoveltyApart(features, train, validation, targets, tuned.scaling);
  return {
    head,
    novelty,
    graph: headGraph(head, novelty.model),
    candidate,
    temperature,
    trials: [],
    ...(asked.kind === "number" ? { interval: conformalInterval({ unseen: scores }, asked.values) } : {}),
    test: { kind: "held out", rows: testRows, answers: answersOf(teaching, testRows, head) },
    learnt: train,
  };
}

function rowsOf({ columns, data }: FeatureMatrix, rows: Int32Array): FeatureMatrix {
  const result = new Float32Array(rows.length * columns);
  for (const [place, row] of rows.entries()) result.set(data.subarray(row * columns, (row + 1) * columns), place * columns);
  return { rows: rows.length, columns, data: result };
}
