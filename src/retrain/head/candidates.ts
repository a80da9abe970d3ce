import { softmax, unreachable } from "../../core/index.ts";
import { fitLine, fitSoftmax, type LinearParameters, type PreparedExamples, type Steps } from "../../features/index.ts";
import type { Targets } from "./targets.ts";

/** A head that could be the one. */
export interface Candidate {
  /** How much the loss counts half the squared length of the weights. */
  readonly ridge: number;
  /** Ordered groups along one direction, instead of a direction for each. */
  readonly isOrdered: boolean;
  /** A layer of units in between, learnt in so many steps; it has no ridge, which is 0 here. */
  readonly hidden?: HiddenShape | undefined;
}

export interface HiddenShape {
  readonly units: number;
  readonly steps: number;
}

/**
 * On standardised columns; with fewer than a hundred examples the strongest win, with thousands the weakest but one.
 */
export const ridges: readonly number[] = [10, 3, 1, 0.3, 0.1, 0.03, 0.01, 0.003];

/** Candidates along which the ridge falls, and the one that the search begins with. */
export interface CandidateFamily {
  readonly members: readonly Candidate[];
  readonly first: number;
}

/** The linear candidates for a kind of target. @param rows how many examples there are: of many, strong ridges need no try */
export function candidateFamilies({ kind }: Targets, rows: number): readonly CandidateFamily[] {
  const first = rows < 100 ? 1 : rows < 1000 ? 2 : 3;
  const family = (isOrdered: boolean): CandidateFamily => ({ members: ridges.map((ridge) => ({ ridge, isOrdered })), first });
  return kind === "ordered" ? [family(true), family(false)] : [family(false)];
}

export interface FitOptions {
  readonly rows: Int32Array;
  readonly targets: Targets;
  /** Of `prepareSteps` for the candidate's ridge. */
  readonly steps: Steps;
  /** A solution that is not far: of a neighbouring ridge, or of other rows. */
  readonly start?: LinearParameters | undefined;
  /** See `SoftmaxProblem`. */
  readonly tolerance: number;
}

/** Fits a candidate to some rows. */
export function fitCandidate(
  { ridge, isOrdered }: Candidate,
  examples: PreparedExamples,
  { rows, targets, steps, start, tolerance }: FitOptions,
): LinearParameters {
  switch (targets.kind) {
    case "classes":
    case "ordered":
      return fitSoftmax({ examples, rows, labels: targets.classes, classes: targets.labels, isOrdered, ridge, tolerance }, steps, start);
    case "tags":
      return joinOutputs(
        Array.from({ length: targets.labels }, (_, tag) => {
          const labels = Int32Array.from({ length: examples.rows }, (_, row) => targets.tags[row * targets.labels + tag]!);
          return toLogit(fitSoftmax({ examples, rows, labels, classes: 2, isOrdered: true, ridge, tolerance }, steps));
        }),
      );
    case "number":
      return fitLine(examples, rows, targets.values, ridge);
    default:
      return unreachable(targets);
  }
}

/** Two classes as the one logit of the second. */
function toLogit({ weights, bias }: LinearParameters): LinearParameters {
  const width = weights.length / 2;
  return {
    outputs: 1,
    weights: Float64Array.from({ length: width }, (_, column) => weights[width + column]! - weights[column]!),
    bias: Float64Array.of(bias[1]! - bias[0]!),
  };
}

function joinOutputs(parts: readonly LinearParameters[]): LinearParameters {
  return {
    outputs: parts.length,
    weights: Float64Array.from(parts.flatMap(({ weights }) => [...weights])),
    bias: Float64Array.from(parts.flatMap(({ bias }) => [...bias])),
  };
}

/** What a head's raw numbers cost for one row: nats for classes and tags, the square of the error for numbers. */
export function lossOf(targets: Targets, row: number, scores: Float64Array, temperature = 1): number {
  switch (targets.kind) {
    case "classes":
    case "ordered":
      return -Math.log(Math.max(1e-12, softmax(scores, temperature)[targets.classes[row]!]!));
    case "tags":
      return scores.reduce((sum, score, tag) => {
        const signed = (targets.tags[row * targets.labels + tag] === 1 ? -score : score) / temperature;
        return sum + Math.max(signed, 0) + Math.log1p(Math.exp(-Math.abs(signed)));
      }, 0);
    case "number":
      return (scores[0]! - targets.values[row]!) ** 2;
    default:
      return unreachable(targets);
  }
}
