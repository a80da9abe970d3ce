import { confidentLearning } from "./confident-learning.ts";
import { sortedBy } from "./measure.ts";

/**
 * Queues by confident learning (Northcutt, Jiang, Chuang, JAIR 2021), as cleanlab ranks with it: what stands off the diagonal of the confident
 * joint first, then the others, each by self-confidence, or by the normalised margin.
 * @param probabilities out-of-sample, `[faces, classes]`
 */
export function confidentQueues(
  ids: readonly string[],
  probabilities: Float64Array,
  labels: ArrayLike<number>,
  classes: number,
): Readonly<Record<string, readonly string[]>> {
  const { verdicts } = confidentLearning(probabilities, labels, classes);
  const first = verdicts.map(({ isConfidentError }) => (isConfidentError ? 10 : 0));
  return {
    "confident learning, self-confidence": sortedBy(
      ids,
      verdicts.map(({ selfConfidence }, index) => first[index]! + 1 - selfConfidence),
    ),
    "confident learning, normalised margin": sortedBy(
      ids,
      verdicts.map(({ margin }, index) => first[index]! + (1 - margin) / 2),
    ),
  };
}
