/** Training: a folder of pictures becomes a model; configurations with their types, networks from layers, and the loop. Node. */
export {
  type LeftOut,
  type MeasuredShare,
  retrain,
  type RetrainKind,
  type RetrainOptions,
  type RetrainResult,
  type TestMeasures,
} from "../retrain/index.ts";
export { defineTraining, parseTrainingConfig, type TrainingConfig, type TrainingConfigInput } from "../train/config.ts";
export {
  activation,
  averagePool,
  batchNorm,
  conv,
  convBlock,
  dense,
  dropout,
  flatten,
  globalPool,
  type Layer,
  maxPool,
  residual,
  squeezeExcite,
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
export type { NetworkDefinition } from "../train/network/network.ts";
export type { EpochEvent, TrainingEvent } from "../train/run/loop.ts";
export type { TrainingStart, TrainResult } from "../train/run/train.node.ts";
export { trainNetwork, type TrainNetworkOptions } from "../train/train-network.node.ts";
