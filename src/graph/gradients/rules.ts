import type { GradientRule } from "./context.ts";
import { convolution } from "./convolution.ts";
import { elementwiseRules } from "./elementwise.ts";
import { matrixRules } from "./matrix.ts";
import { normalisationRules } from "./normalisation.ts";
import { poolingRules } from "./pooling.ts";
import { shapingRules } from "./shaping.ts";

/** One rule an operation, by the name that `operatorName` gives. */
export const gradientRules: Readonly<Record<string, GradientRule>> = {
  ...elementwiseRules,
  ...matrixRules,
  ...normalisationRules,
  ...poolingRules,
  ...shapingRules,
  Conv: convolution,
};
