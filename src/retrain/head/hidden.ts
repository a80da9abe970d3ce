import type { LinearParameters, PreparedExamples } from "../../features/index.ts";
import type { Targets } from "./targets.ts";

/**
 * Learns heads with a layer of units between features and answer. It stands behind a port, since it needs the training engine, and heads
 * are also chosen where none is.
 */
export interface HiddenLayerFitter {
  /** Units of the layer. */
  readonly units: number;
  /** After how many steps a head is looked at; ascending. The best number is chosen among them: an early stop. */
  readonly stops: readonly number[];
  /**
   * The same problem and rows give the same heads.
   * @param steps how many; heads are given at each of `stops` up to there
   */
  fit(problem: HiddenProblem, rows: Int32Array, steps: number): Promise<readonly LinearParameters[]>;
}

export interface HiddenProblem {
  readonly examples: PreparedExamples;
  readonly targets: Targets;
}

/** With fewer examples a layer more only learns them by heart, and time is better spent otherwise. */
export const fewestForHidden = 800;
