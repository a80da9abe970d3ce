/** Heads: run a batch, decide, calibrate. */
export { type AgeReading, readAge, toAgeDistribution } from "./age.ts";
export { ageShare, labelSet } from "./conformal.ts";
export { checkNetwork } from "./check.ts";
export { type LabelReading, readLabel } from "./estimate.ts";
export {
  type AgeAnswer,
  columnsOf,
  type Head,
  type HeadAnswer,
  type LabelAnswer,
  type NumberAnswer,
  runHead,
  type RunHeadOptions,
  type TagsAnswer,
} from "./head.ts";
export { noneOfThese, noveltyOf } from "./novelty.ts";
export { averageProbabilities, type OutputActivation, toProbabilities, toTagProbabilities } from "./probabilities.ts";
