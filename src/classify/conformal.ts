import {
  ageInterval,
  argMax,
  type Conformal,
  expectedYears,
  groupOfLabel,
  groupOfNumber,
  intervalLevel,
  type IntervalTails,
  type LabelSet,
} from "../core/index.ts";
import type { HeadOutput } from "../models/index.ts";

/** What an interval of ages takes of a distribution, and what it promises for that. */
export interface AgeShare {
  /** What it holds, or what it leaves out below and above; undefined: it holds as much as the level. */
  readonly share: number | IntervalTails | undefined;
  readonly level: number;
}

/**
 * How much of a distribution `[101]` an output's interval takes: by the calibration's group, else as the network tells of this face, else one share
 * for all faces.
 * @param tails what the network told of the face, of an output with `intervalTails`
 */
export function ageShare(
  { conformal, intervalMass }: Pick<HeadOutput, "conformal" | "intervalMass">,
  distribution: Float64Array,
  tails: IntervalTails | undefined,
): AgeShare {
  if (conformal?.kind !== "age") return { share: tails ?? intervalMass, level: intervalLevel };
  return { share: groupOfNumber(conformal.groups, expectedYears(distribution)).mass, level: conformal.level };
}

/**
 * The labels that a calibration keeps. The most probable one is always there: a set that grows holds no fewer true labels.
 * @param probabilities in the order of `labels`, sum 1
 */
export function labelSet(probabilities: Float64Array, labels: readonly string[], conformal: Conformal | undefined): LabelSet | undefined {
  const best = argMax(probabilities);
  const told = labels[best]!;
  if (conformal?.kind === "classes") {
    const { probability } = groupOfLabel(conformal.groups, told);
    return { labels: labels.filter((_, index) => index === best || probabilities[index]! >= probability), level: conformal.level };
  }
  if (conformal?.kind !== "ordered") return undefined;
  const { low, high } = ageInterval(probabilities, groupOfLabel(conformal.groups, told).mass);
  return { labels: labels.slice(Math.min(low, best), Math.max(high, best) + 1), level: conformal.level };
}
