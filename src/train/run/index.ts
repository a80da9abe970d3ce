/** A run's loop, what it is measured by, and how weights are kept. */
export { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";
export { learningRate, type ScheduleOptions } from "./schedule.ts";
export {
  type EpochEvent,
  type EpochTiming,
  type LoopState,
  type LossSums,
  type SpentTime,
  type StepEvent,
  type TrainingEvent,
} from "./loop.ts";
export { type Histogram, histogramOf } from "./tensorboard-histogram.ts";
export { encodeFileVersion, encodeSummary, type Summary } from "./tensorboard.ts";
export type { ValidationMetrics } from "./validation-metrics.ts";
