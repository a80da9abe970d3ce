import type { OptionNames, TaskDefinition } from "../core/index.ts";
import type { AgeGroupSet } from "./age-groups.ts";
import { bootstrapOptionNames, type BootstrapOptions } from "./bootstrap.ts";
import type { FacePrediction } from "./prediction.ts";
import type { EvaluatedModel, SplitRole } from "./report.ts";

/** A model and what it says of the faces of a split. */
export interface ModelPredictions {
  readonly model: EvaluatedModel;
  /** What the split was to the model. */
  readonly role: SplitRole;
  readonly predictions: readonly FacePrediction[];
  /**
   * Of built-in tasks, the labels that the model tells: nothing is fitted on faces of another, of which it is wrong at any temperature.
   * @default all of them
   */
  readonly told?: Readonly<Partial<Record<string, readonly string[]>>> | undefined;
}

/** How predictions are judged. */
export interface EvaluateOptions extends BootstrapOptions {
  /** In which groups ages are judged. @default FairFace's nine; Adience's eight where more of the labels are ranges of theirs */
  readonly ageGroups?: AgeGroupSet | undefined;
  /** Also fit the temperature that this split would choose. @default false */
  readonly fitTemperature?: boolean | undefined;
  /** Also fit the vector scaling that this split would choose for classes, groups and tags. @default false */
  readonly fitScaling?: boolean | undefined;
  /** Also list so many of the most confident wrong answers of each task, and the surest few of each kind. @default 0 */
  readonly mistakes?: number | undefined;
  /** What the models tell beside the built-in tasks. @default nothing */
  readonly tasks?: readonly TaskDefinition[] | undefined;
}
export const evaluateOptionNames: OptionNames<EvaluateOptions> = {
  ...bootstrapOptionNames,
  ageGroups: true,
  fitTemperature: true,
  fitScaling: true,
  mistakes: true,
  tasks: true,
};
