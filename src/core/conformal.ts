/**
 * What a calibration on labelled faces promises (split conformal prediction: Vovk et al., 2005; by groups of answers: Mondrian): of new faces
 * that come as the labelled ones came, at least a share `level` has its true answer inside the interval or set, in each group by itself.
 * Fitted by `evaluate`, kept in manifests, applied by `classify`.
 */
export type Conformal = AgeConformal | NumberConformal | OrderedConformal | ClassesConformal;

interface Promised {
  /** The share of true answers that are held. */
  readonly level: number;
  /** The labelled faces that it was fitted on, in words. */
  readonly source: string;
}

interface Group {
  /** Labelled faces whose answers fell into the group. */
  readonly faces: number;
}

/** A group of answers that are numbers: it ends where the next one begins. */
interface RangeGroup extends Group {
  /** The first answer in it; absent of the first group. */
  readonly from?: number | undefined;
}

/** A group of faces of which one of these labels is told. */
interface LabelGroup extends Group {
  readonly labels: readonly string[];
}

export interface AgeConformal extends Promised {
  readonly kind: "age";
  /** By expected years; `mass` is what the interval takes of a distribution. */
  readonly groups: readonly (RangeGroup & { readonly mass: number })[];
}

export interface NumberConformal extends Promised {
  readonly kind: "number";
  /** By the number told; the ends of the interval as offsets from it. */
  readonly groups: readonly (RangeGroup & { readonly low: number; readonly high: number })[];
}

export interface OrderedConformal extends Promised {
  readonly kind: "ordered";
  /** `mass` is what the set takes of the probabilities, in their order. */
  readonly groups: readonly (LabelGroup & { readonly mass: number })[];
}

export interface ClassesConformal extends Promised {
  readonly kind: "classes";
  /** A label is in the set from this `probability` on. */
  readonly groups: readonly (LabelGroup & { readonly probability: number })[];
}

/** The labels of which one is the true one for a share `level` of faces. */
export interface LabelSet {
  /** In the manifest's order; the most probable label is always one of them. */
  readonly labels: readonly string[];
  readonly level: number;
}

/** The group that a number belongs to. */
export function groupOfNumber<Each extends RangeGroup>(groups: readonly Each[], value: number): Each {
  return groups.findLast(({ from = Number.NEGATIVE_INFINITY }) => from <= value) ?? groups[0]!;
}

/** The group of faces of which a label is told. */
export function groupOfLabel<Each extends LabelGroup>(groups: readonly Each[], label: string): Each {
  return groups.find(({ labels }) => labels.includes(label)) ?? groups[0]!;
}

/**
 * Which of `count` scores, counted from the smallest as 1, a new one does not pass with probability `level` or more: one more than the
 * share, since the new one is one of them all.
 * @returns undefined where so few scores promise nothing
 */
export function conformalRank(count: number, level: number): number | undefined {
  // A hair less, so that 0.9 * 10 is 9 in floats too.
  const rank = Math.ceil(level * (count + 1) - 1e-9);
  return rank <= count ? rank : undefined;
}

/**
 * What is added to a number for the ends of an interval that holds the true one of a share `level` of new faces, half of the rest on either
 * side (split conformal prediction: Vovk et al., 2005).
 * @param residuals the true number less the one that was told, of faces that chose nothing
 * @returns undefined where so few promise nothing
 */
export function residualOffsets(residuals: ArrayLike<number>, level: number): { readonly low: number; readonly high: number } | undefined {
  const sorted = Float64Array.from(residuals).sort();
  const rank = conformalRank(sorted.length, 1 - (1 - level) / 2);
  return rank === undefined ? undefined : { low: sorted[sorted.length - rank]!, high: sorted[rank - 1]! };
}
