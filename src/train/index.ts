/** What a training is asked for, and what its recipes are made of. A run, its data and its export have doors of their own. */
export {
  defineTraining,
  parseTrainingConfig,
  type SelectionMetric,
  type TrainingConfig,
  type TrainingConfigInput,
  trainingConfigSchema,
} from "./config.ts";
export { networkDefinition } from "./definition.ts";
