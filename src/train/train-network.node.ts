import { expectCount, expectOptions, expectPath, expectSignal, type OptionNames } from "../core/index.ts";
import { createNodeRuntime } from "../runtime/runtime.node.ts";
import { parseTrainingConfig, type TrainingConfigInput } from "./config.ts";
import { train, type TrainOptions, type TrainResult } from "./run/train.node.ts";
import { createOnnxEngine, type OnnxEngineOptions } from "./step/onnx-engine.ts";

/** What a training is told beside its configuration. */
export interface TrainNetworkOptions extends Omit<TrainOptions, "config" | "engine" | "runtime" | "load">, OnnxEngineOptions {
  /** As `defineTraining` gives it. */
  readonly config: TrainingConfigInput;
}
const trainNetworkOptionNames: OptionNames<TrainNetworkOptions> = {
  config: true,
  out: true,
  resume: true,
  cache: true,
  workers: true,
  onStart: true,
  onEvent: true,
  onProgress: true,
  signal: true,
  device: true,
  threads: true,
};

/**
 * Trains a network on this machine, as `tensorface train` does: data, loop, logs, checkpoints. In `out` it leaves the resolved
 * configuration, the last and the best checkpoint, `metrics.jsonl` and TensorBoard's events.
 *
 * @throws {TF_INVALID_ARGUMENT} without options, without a folder to write to, or for numbers of threads that are not above 0
 * @throws {TF_CONFIG_INVALID} naming every field that is unknown, missing or wrong, or when data and configuration do not fit together
 * @throws {TF_TRAINING_EXISTS} when `out` holds a training and `resume` is not asked for
 * @throws {TF_CHECKPOINT_MISMATCH} when configuration or data are not the checkpoint's
 * @throws {TF_TRAINING_DIVERGED} when the loss is no number any more
 *
 * @example
 * await trainNetwork({ config, out: ".runs/mine", onEvent: (event) => console.log(event) });
 */
export async function trainNetwork(options: TrainNetworkOptions): Promise<TrainResult> {
  expectOptions(options, trainNetworkOptionNames);
  const { config, device, threads, ...others } = options;
  expectCount("workers", others.workers, { least: 1 });
  expectCount("threads", threads, { least: 1 });
  const parsed = parseTrainingConfig(config);
  expectPath("out", others.out);
  expectSignal(others.signal);
  const runtime = createNodeRuntime();
  const load = { device, threads };
  return train({ ...others, config: parsed, engine: createOnnxEngine(runtime, load), runtime, load });
}
