/** A run's loop, what it is measured by, and how weights are kept. */
export { encodeSafetensors } from "./safetensors.ts";
export {
  batchesPerEpoch,
  type EpochEvent,
  type EpochTiming,
  type LoopState,
  type LossSums,
  type StepEvent,
  type TrainingEvent,
} from "./loop.ts";
export type { ValidationMetrics } from "./validation-metrics.ts";
