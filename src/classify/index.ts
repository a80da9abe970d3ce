/** Heads: run a batch, decide, calibrate. */
export { type AgeReading, readAge, toAgeDistribution } from "./age.ts";
export { type LabelReading, readLabel } from "./estimate.ts";
export { checkHead, type Head, type HeadAnswer, runHead, type RunHeadOptions } from "./head.ts";
export { averageProbabilities, type OutputActivation, toProbabilities } from "./probabilities.ts";
