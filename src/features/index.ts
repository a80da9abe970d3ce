/** What networks see of faces, and small solvers on it. */
export { outlierDistances, projectRows } from "./features.ts";
export type { FeatureMatrix } from "./feature-matrix.ts";
export {
  applyHead,
  finishHead,
  fitLine,
  fitSoftmax,
  type LinearHead,
  type LinearParameters,
  type PreparedExamples,
  prepareExamples,
  prepareSteps,
  scoreExample,
  type Steps,
} from "./linear-head.ts";
export { type FeatureScaling, fitScaling, largestDeviation, standardiseRow, standardiseRows } from "./scaling.ts";
export { cholesky, columnProducts, invertLower, solveLower, solveLowerRows, solveUpper } from "./linear-algebra.ts";
export {
  discriminantLogits,
  findNeighbours,
  foldFeatures,
  type FoldedFeatures,
  neighbourLogits,
  type Neighbours,
  neighbourValues,
  regressedLogits,
  regressedValues,
} from "./cross-fitting.ts";
