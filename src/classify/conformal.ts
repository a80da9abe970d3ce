import {
  ageInterval,
  argMax,
  type Conformal,
  expectedYears,
  groupOfLabel,
  groupOfNumber,
  intervalLevel,
  type LabelSet,
} from "../core/index.ts";
import type { HeadOutput } from "../models/index.ts";

/** What an interval of ages takes of a distribution, and what it promises for that. */
export interface AgeShare {
  /** Undefined: as much as the level. */
  readonly mass: number | undefined;
  readonly level: number;
}

/** How much of a distribution `[101]` an output's interval takes: by the calibration's group, else one share for all faces. */
export function ageShare(
  { conformal, intervalMass }: Pick<HeadOutput, "conformal" | "intervalMass">,
  distribution: Float64Array,
): AgeShare {
  if (conformal?.kind !== "age") return { mass: intervalMass, level: intervalLevel };
  return { mass: groupOfNumber(conformal.groups, expectedYears(distribution)).mass, level: conformal.level };
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
