import { expectedYears, type IntervalTails, largestTail, sigmoid } from "../../src/core/index.ts";

/** What is known of an answer when the ends of its interval are chosen. */
export interface ToldFace {
  /** How much the picture is like those of each set that the network knows, sum 1: a scan of a print, a picture of the web. */
  readonly kinds: readonly number[];
  /** `[101]`, sum 1. */
  readonly distribution: readonly number[];
  /** How surely the face is told to be a woman's, 0..1. */
  readonly female: number;
}

/** The columns of a face: its kinds, then what is told of it. All of about the size of 1. */
export function columnsOf({ kinds, distribution, female }: ToldFace): Float64Array {
  const mean = expectedYears(distribution) / hundred;
  const squares = distribution.reduce((sum, probability, year) => sum + probability * (year / hundred) ** 2, 0);
  const deviation = Math.log(Math.max(squares - mean ** 2, leastVariance)) / 2;
  return Float64Array.from([...kinds, mean, mean ** 2, deviation, female, female * mean]);
}

export const hundred = 100;
/** Of a distribution over ages in hundreds of years: that of a third of a year. */
export const leastVariance = 1e-5;

/** The two ends: what each column adds to the logit of the share below, and above. */
export interface TailLines {
  readonly below: readonly number[];
  readonly above: readonly number[];
  /** Added to each. */
  readonly bias: readonly [below: number, above: number];
}

/** What an interval of this face leaves out on either side. */
export function tailsOf({ below, above, bias }: TailLines, face: ToldFace): IntervalTails {
  const columns = columnsOf(face);
  const tail = (weights: readonly number[], start: number): number =>
    Math.min(sigmoid(weights.reduce((sum, weight, index) => sum + weight * columns[index]!, start)), largestTail);
  return { below: tail(below, bias[0]), above: tail(above, bias[1]) };
}
