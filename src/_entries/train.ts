/** Training: a folder of pictures becomes a model; configurations with their types, networks from layers, and the loop. Node. */
export {
  type ClassMeasure,
  type ConfidenceBin,
  type CropChoice,
  type LeftOut,
  type MeasuredShare,
  retrain,
  type RetrainKind,
  type RetrainOptions,
  type RetrainResult,
  type TestMeasures,
} from "../retrain/index.ts";
export {
  defineTraining,
  parseTrainingConfig,
  type SelectionMetric,
  type TrainingConfig,
  type TrainingConfigInput,
} from "../train/config.ts";
export {
  activation,
  type ActivationFunction,
  type ActivationLayer,
  averagePool,
  batchNorm,
  type BatchNormLayer,
  conv,
  convBlock,
  type ConvLayer,
  dense,
  type DenseLayer,
  dropout,
  type DropoutLayer,
  flatten,
  type FlattenLayer,
  globalPool,
  type GlobalPoolLayer,
  type Layer,
  maxPool,
  type PoolLayer,
  residual,
  type ResidualLayer,
  squeezeExcite,
  type SqueezeExciteLayer,
} from "../train/network/layers.ts";
export {
  denseHeads,
  faceTrunk,
  type FaceTrunkOptions,
  mobileNetwork,
  type MobileNetworkOptions,
  residualNetwork,
  type ResidualNetworkOptions,
} from "../train/network/networks.ts";
export type { FeatureInput, HeadDefinition, NetworkDefinition, PixelInput } from "../train/network/network.ts";
export type { EpochEvent, EpochTiming, LoopState, LossSums, StepEvent, TrainingEvent } from "../train/run/loop.ts";
export type { TrainingStart, TrainResult } from "../train/run/train.node.ts";
export type { ValidationMetrics } from "../train/run/validation-metrics.ts";
export { trainNetwork, type TrainNetworkOptions } from "../train/train-network.node.ts";
