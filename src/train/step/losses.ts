import { unreachable } from "../../core/index.ts";
import { attribute, type GraphBuilder } from "../../graph/index.ts";

/**
 * A term of the training loss, as data. Every term reads one head's logits `[N, K]`, a target and a weight a sample; weight 0
 * says that the sample has no such label. The gradient divides by the batch size, so that a label counts the same whatever
 * else is in its batch; the reported value is the mean over weights.
 */
interface LossBase {
  /** Name of the term, and of its target in a batch. */
  readonly name: string;
  /** Name of the head whose logits it reads. */
  readonly head: string;
  /** Factor of the term in the sum. @default 1 */
  readonly scale?: number | undefined;
}

/**
 * `-sum_k t_k log softmax(z)_k`. Targets `[N, K]`: one-hot, votes, a Gaussian around an age, a teacher's probabilities.
 */
export interface CrossEntropyLoss extends LossBase {
  readonly kind: "crossEntropy";
  /** Mixes the target with the uniform distribution (Szegedy et al., 2016), 0..1. @default 0 */
  readonly labelSmoothing?: number | undefined;
  /** K factors, one a class. @default 1 for each */
  readonly classWeights?: readonly number[] | undefined;
  /** Divides the logits; the loss is multiplied by its square, as distillation wants it (Hinton et al., 2015). @default 1 */
  readonly temperature?: number | undefined;
}

/** `-sum_k (t_k log sigmoid(z_k) + (1 - t_k) log(1 - sigmoid(z_k)))`. Targets `[N, K]`, 0..1. */
export interface BinaryLoss extends LossBase {
  readonly kind: "binary";
}

/**
 * `-log sum_k m_k softmax(z)_k`: the mass inside a set of classes. Targets `[N, K]`, 0..1: 1 inside the group, 0 outside; of a mixed
 * picture the share whose group holds the class.
 */
export interface MassLoss extends LossBase {
  readonly kind: "mass";
}

/** Distance of the expected class index `sum_k k softmax(z)_k` (years, for the age head) from the target. Targets `[N]`. */
export interface ExpectationLoss extends LossBase {
  readonly kind: "expectation";
  /** `l1`: years; `l2`: years squared. @default "l1" */
  readonly norm?: "l1" | "l2" | undefined;
}

/** Distance of the head's one number from the target. Logits `[N, 1]`, targets `[N]`, in the number's own unit. */
export interface DistanceLoss extends LossBase {
  readonly kind: "distance";
  /** @default "l2", squared */
  readonly norm?: "l1" | "l2" | undefined;
}

export type LossTerm = CrossEntropyLoss | BinaryLoss | MassLoss | ExpectationLoss | DistanceLoss;

/** Sizes of the target of a term whose head has `classes` logits. */
export function targetShape(term: LossTerm, batchSize: number, classes: number): readonly number[] {
  return term.kind === "expectation" || term.kind === "distance" ? [batchSize] : [batchSize, classes];
}

/** The values that a term is written with. */
export interface LossValues {
  /** `[N, K]`. */
  readonly logits: string;
  readonly target: string;
  /** K. */
  readonly classes: number;
}

/** Writes one term; gives its loss a sample, `[N]`. */
export function lowerLoss(term: LossTerm, values: LossValues, builder: GraphBuilder): string {
  switch (term.kind) {
    case "crossEntropy":
      return crossEntropy(term, values, builder);
    case "binary":
      return sumOfClasses(
        builder.op("Sub", [builder.op("Softplus", [values.logits]), builder.op("Mul", [values.logits, values.target])]),
        builder,
      );
    case "mass":
      return mass(values, builder);
    case "expectation":
      return expectation(term, values, builder);
    case "distance":
      return length(term.norm ?? "l2", builder.op("Sub", [sumOfClasses(values.logits, builder), values.target]), builder);
    default:
      return unreachable(term);
  }
}

function sumOfClasses(value: string, builder: GraphBuilder): string {
  return builder.op("ReduceSum", [value, builder.integers([1])], { keepdims: attribute.int(0) });
}

function crossEntropy(term: CrossEntropyLoss, { logits, target, classes }: LossValues, builder: GraphBuilder): string {
  const { labelSmoothing = 0, classWeights, temperature = 1 } = term;
  const { op, scalar } = builder;
  const smoothed =
    labelSmoothing === 0 ? target : op("Add", [op("Mul", [target, scalar(1 - labelSmoothing)]), scalar(labelSmoothing / classes)]);
  const weighted = classWeights === undefined ? smoothed : op("Mul", [smoothed, classFactors(classWeights, builder)]);
  const softened = temperature === 1 ? logits : op("Mul", [logits, scalar(1 / temperature)]);
  const products = op("Mul", [weighted, op("LogSoftmax", [softened], { axis: attribute.int(1) })]);
  return op("Mul", [sumOfClasses(products, builder), scalar(-(temperature ** 2))]);
}

function classFactors(factors: readonly number[], builder: GraphBuilder): string {
  return builder.constant({ type: "float32", shape: [1, factors.length], data: Float32Array.from(factors) }, "classWeights");
}

/** Far below any logit, so that `exp` of it is 0; finite, so that a sample without a group stays finite under its weight 0. */
const outside = -1e4;
/** Keeps the logarithm finite where `outside` replaces it; no share of a mixed picture is as small. */
const smallestShare = 1e-30;

/** `log sum exp(z) - log sum m exp(z)`: no logarithm of a probability that has vanished. */
function mass({ logits, target }: LossValues, { op, scalar, integers }: GraphBuilder): string {
  const logSum = (value: string): string => op("ReduceLogSumExp", [value, integers([1])], { keepdims: attribute.int(0) });
  const logMask = op("Where", [
    op("Greater", [target, scalar(0)]),
    op("Log", [op("Max", [target, scalar(smallestShare)])]),
    scalar(outside),
  ]);
  return op("Sub", [logSum(logits), logSum(op("Add", [logits, logMask]))]);
}

function expectation({ norm = "l1" }: ExpectationLoss, { logits, target, classes }: LossValues, builder: GraphBuilder): string {
  const { op } = builder;
  const indices = builder.constant(
    { type: "float32", shape: [1, classes], data: Float32Array.from({ length: classes }, (_, index) => index) },
    "indices",
  );
  const expected = sumOfClasses(op("Mul", [op("Softmax", [logits], { axis: attribute.int(1) }), indices]), builder);
  return length(norm, op("Sub", [expected, target]), builder);
}

function length(norm: "l1" | "l2", distance: string, { op }: GraphBuilder): string {
  return norm === "l1" ? op("Abs", [distance]) : op("Mul", [distance, distance]);
}
