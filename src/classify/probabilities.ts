import { scaleLogits, sigmoid, softmax, type VectorScaling } from "../core/index.ts";

/** How a head's raw numbers become probabilities; the part of a manifest's output that says it. */
export interface OutputActivation {
  /** `none`: they already are. */
  readonly activation: "none" | "softmax" | "sigmoid";
  /** Divides logits; for `none`, logarithms of probabilities. Above 1 makes answers less sure. */
  readonly temperature: number;
  /** Applied to the logarithms of the probabilities as they are without it, before the temperature. */
  readonly scaling?: VectorScaling | undefined;
  readonly labels: readonly string[];
}

/** Keeps logarithms finite; far below what float32 networks tell apart. */
const smallest = 1e-12;

/**
 * Calibrated probabilities of one face, in the order of `labels`, sum 1.
 *
 * One column for two labels is the probability (`none`) or logit (`sigmoid`) of the last label. Temperature and vector
 * scaling are those of Guo et al. (ICML 2017).
 * @param row the face's numbers in the head's output, `[labels.length]` or `[1]`
 */
export function toProbabilities(row: Float32Array, { activation, temperature, scaling, labels }: OutputActivation): Float64Array {
  if (scaling !== undefined) {
    const plain = toProbabilities(row, { activation, temperature: 1, labels });
    return softmax(scaleLogits(logarithms(plain), scaling), temperature);
  }
  if (row.length === 1 && labels.length === 2) {
    const logit = activation === "none" ? logOdds(row[0]!) : row[0]!;
    const last = activation === "none" && temperature === 1 ? clampProbability(row[0]!) : sigmoid(logit / temperature);
    return Float64Array.of(1 - last, last);
  }
  if (activation === "softmax") return softmax(row, temperature);
  if (activation === "sigmoid") return normalized(Float64Array.from(row, (logit) => sigmoid(logit / temperature)));
  const probabilities = Float64Array.from(row, clampProbability);
  return temperature === 1 ? normalized(probabilities) : softmax(logarithms(probabilities), temperature);
}

/**
 * Calibrated probabilities of one face, each tag's own, in the order of `labels`; they do not sum to 1.
 * @param row the face's numbers in the head's output, `[labels.length]`
 */
export function toTagProbabilities(row: Float32Array, { activation, temperature, scaling }: OutputActivation): Float64Array {
  const logits = Float64Array.from(row, (value) => (activation === "none" ? logOdds(value) : value));
  const scaled = scaling === undefined ? logits : scaleLogits(logits, scaling);
  return scaled.map((logit) => sigmoid(logit / temperature));
}

function logarithms(probabilities: Float64Array): Float64Array {
  return probabilities.map((value) => Math.log(Math.max(value, smallest)));
}

/** The mean of two opinions on one face, both in the same order, sum 1. */
export function averageProbabilities(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, index) => (value + b[index]!) / 2);
}

function logOdds(probability: number): number {
  const inside = Math.min(Math.max(probability, smallest), 1 - smallest);
  return Math.log(inside / (1 - inside));
}

function clampProbability(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}

/** Divides by the sum; uniform where all are 0, which says honestly that nothing is known. */
function normalized(values: Float64Array): Float64Array {
  const sum = values.reduce((total, value) => total + value, 0);
  return sum > 0 ? values.map((value) => value / sum) : values.fill(1 / values.length);
}
