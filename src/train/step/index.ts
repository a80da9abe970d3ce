/** One step of a training as a graph, and the engines that run it. */
export { createTrainingStep, stepArithmetic, type LossTarget, type TrainingBatch, type TrainingState, type TrainingStep } from "./step.ts";
export { createOnnxEngine } from "./onnx-engine.ts";
export type { LossTerm } from "./losses.ts";
export { buildStepGraph, parameterState, stepNames, type WrittenNetwork } from "./step-graph.ts";
