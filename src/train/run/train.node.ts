import { join } from "node:path";
import { type ProgressListener, type Tensor, TensorFaceError } from "../../core/index.ts";
import { makeFolder, writeInLockedFolder } from "../../files/files.node.ts";
import type { Cleaning } from "../../datasets/review/cleaned.node.ts";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import type { InferenceRuntime, LoadOptions } from "../../runtime/index.ts";
import { BatchPool } from "../augment/batch-pool.node.ts";
import { type CheckpointFacts, checkResumable, describeCommit, readCheckpoint, readWeights, writeCheckpoint } from "./checkpoint.node.ts";
import type { TrainingConfig } from "../config.ts";
import { checkLosses, countTaught, targetTables, type TeacherAnswers, trainingWeights } from "../definition.ts";
import type { TrainingEngine } from "../step/engine.ts";
import { FeatureBatches } from "../data/feature-batches.ts";
import { startFrom } from "../network/initial.ts";
import { type BatchStream, initialLoopState, type LoopState, runTraining, type TrainingEvent, type TrainingParts } from "./loop.ts";
import { openRunLog, type RunLog } from "./run-log.node.ts";
import { hasCheckpoint, lockTraining, trainingFiles } from "./training-folder.node.ts";
import { loadTrainingData, type TrainingData } from "../data/samples.node.ts";
import type { Network } from "../network/network.ts";
import type { TrainingState, TrainingStep } from "../step/step.ts";
import { joinHashes, readTeachers } from "../data/teacher.node.ts";

export interface TrainOptions {
  readonly config: TrainingConfig;
  /** Folder of the training; made where there is none. */
  readonly out: string;
  readonly engine: TrainingEngine;
  /** Runs the network whose features are read, where the configuration names one. @default ONNX Runtime's native build */
  readonly runtime?: InferenceRuntime | undefined;
  /** Device and threads of that network. @default the runtime's choice */
  readonly load?: LoadOptions | undefined;
  /** Goes on from the last checkpoint in `out`, or begins where there is none. @default false */
  readonly resume?: boolean | undefined;
  /** Folder of the packs of decoded pictures. @default ".cache/pictures" */
  readonly cache?: string | undefined;
  /** Threads that augment. @default 1 */
  readonly workers?: number | undefined;
  /** Told what was loaded, before the first step. */
  readonly onStart?: ((start: TrainingStart) => void) | undefined;
  readonly onEvent?: ((event: TrainingEvent) => void) | undefined;
  /** Progress of loading; the training itself reports events. */
  readonly onProgress?: ProgressListener | undefined;
  /** Asks for a stop: the step under way is finished and a checkpoint written. */
  readonly signal?: AbortSignal | undefined;
}

/** What a training begins with. */
export interface TrainingStart {
  readonly trainCount: number;
  readonly validationCount: number;
  /** How many of the training pictures teach each loss, by its name such as `mood from teacher`: those of which it has a label or an answer. */
  readonly taught: Readonly<Record<string, number>>;
  /** What applied decisions changed in the labels, in all datasets together. */
  readonly cleaning: Cleaning;
  /** Datasets whose labels are as imported, though cleaned ones were asked for: no decisions are applied there. */
  readonly uncleaned: readonly string[];
  readonly parameterCount: number;
  readonly multiplyAccumulates: number;
  readonly dataHash: string;
  /** Where it goes on; step 0 for a new one. */
  readonly state: LoopState;
}

/** How a training ended. */
export interface TrainResult {
  readonly state: LoopState;
  /** False when it was stopped before its end. */
  readonly isDone: boolean;
}

/**
 * Trains a network from a configuration: data, loop, logs, checkpoints. In `out` it leaves the resolved configuration, the last
 * and the best checkpoint, `metrics.jsonl` and TensorBoard's events.
 *
 * @throws {TF_FOLDER_BUSY} when another training is at work in `out`
 * @throws {TF_TRAINING_EXISTS} when `out` holds a training and `resume` is not asked for
 * @throws {TF_DATASET_CONFLICT} when `out` holds files of somebody else by the names that a training writes
 * @throws {TF_CHECKPOINT_MISMATCH} when configuration or data are not the checkpoint's
 * @throws {TF_CONFIG_INVALID} when data and configuration do not fit together
 * @throws {TF_TRAINING_DIVERGED} when the loss is no number any more
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const folder = await makeFolder(options.out);
  try {
    return await trainIn(options);
  } catch (error) {
    await folder.undo();
    throw error;
  }
}

async function trainIn(options: TrainOptions): Promise<TrainResult> {
  const { config, out, engine } = options;
  await using _lock = await lockTraining(out, options.resume === true);
  // What pictures cannot change is told before they are read.
  const onPictures = config.features === undefined ? buildNetwork(options) : undefined;
  const data = await loadTrainingData(config, {
    ...options,
    cache: options.cache ?? join(".cache", "pictures"),
    runtime: options.runtime ?? createNodeRuntime(),
  });
  await using batches = createBatches(config, data, options.workers);
  const network = await beginNetwork(onPictures ?? buildNetwork(options, columnsOf(data)), options, data, batches);
  await using step = await engine.createStep(network, config);
  const teachers = await readTeachers(config, data.samples);
  const dataHash = joinHashes(data.hash, teachers.hashes);
  const state = await restore(options, dataHash, step);
  await writeConfig(options);
  await writeDataRecord(options, data);
  const facts = { config, dataHash, gitCommit: await describeCommit() };
  const parts = assembleParts(config, data, teachers.answers, {
    step,
    batches,
    createPredictor: (weights) => engine.createPredictor(network, weights),
  });
  options.onStart?.({
    trainCount: parts.trainRows.length,
    validationCount: parts.validationRows.length,
    taught: countTaught(parts.targets, parts.trainRows),
    cleaning: sumCleanings(data.cleanings),
    uncleaned: uncleanedPaths(config, data),
    parameterCount: network.parameterCount,
    multiplyAccumulates: network.multiplyAccumulates,
    dataHash,
    state,
  });
  const log = await openRunLog(out, state);
  // Awaited here: step and batches are disposed when this function is left.
  return await follow({ events: runTraining(parts, state), step, facts, log, options, state });
}

/** The datasets of which cleaned labels were asked for, and where no decisions are applied. */
function uncleanedPaths({ data }: TrainingConfig, { cleanings }: Pick<TrainingData, "cleanings">): string[] {
  return data.flatMap(({ labels, path }, dataset) => (labels === "cleaned" && cleanings[dataset] === undefined ? [path] : []));
}

function sumCleanings(cleanings: TrainingData["cleanings"]): Cleaning {
  const sum = (count: (cleaning: Cleaning) => number) =>
    cleanings.reduce((total, cleaning) => total + (cleaning === undefined ? 0 : count(cleaning)), 0);
  return { dropped: sum(({ dropped }) => dropped), relabelled: sum(({ relabelled }) => relabelled) };
}

/** The resolved configuration, beside what was made with it. */
async function writeConfig({ out, config }: TrainOptions): Promise<void> {
  await writeInLockedFolder(join(out, trainingFiles.config), `${JSON.stringify(config, undefined, 2)}\n`);
}

/** What the training learns from: of each dataset, which labels, and what decisions changed in them. */
async function writeDataRecord({ out, config }: TrainOptions, { samples, cleanings, hash }: TrainingData): Promise<void> {
  const datasets = config.data.map(({ path }, index) => {
    const cleaning = cleanings[index];
    const pictures = samples.filter(({ dataset }) => dataset === index).length;
    const labels = cleaning === undefined ? "imported" : "cleaned";
    return { path, pictures, labels, ...(cleaning && { dropped: cleaning.dropped, relabelled: cleaning.relabelled }) };
  });
  await writeInLockedFolder(join(out, trainingFiles.data), `${JSON.stringify({ datasets, hash }, undefined, 2)}\n`);
}

function buildNetwork({ config, engine }: TrainOptions, featureSize?: number): Network {
  const network = engine.buildNetwork(config, featureSize);
  checkLosses(config, network.outputs);
  return network;
}

function columnsOf({ inputs }: TrainingData): number | undefined {
  return inputs.kind === "features" ? inputs.columns : undefined;
}

/** The network with its initial weights: random ones, or those of `config.initial`. A resumed training brings its own afterwards. */
// eslint-disable-next-line max-params -- a network and what its first weights may depend on
async function beginNetwork(
  network: Network,
  { config, engine, out, resume }: TrainOptions,
  data: TrainingData,
  batches: BatchStream,
): Promise<Network> {
  if (config.initial === undefined || (resume === true && (await hasCheckpoint(out)))) return network;
  const begun = startFrom(network, await readWeights(config.initial.weights));
  if (config.initial.calibration === 0) return begun;
  return engine.adaptNorms(begun, plainBatches(config, data, batches, config.initial.calibration));
}

/** Training pictures as they are, evenly spread over the data. */
async function* plainBatches(
  config: TrainingConfig,
  { samples }: TrainingData,
  batches: BatchStream,
  count: number,
): AsyncGenerator<Tensor> {
  const { batchSize } = config;
  const rows = samples.flatMap(({ role }, row) => (role === "train" ? [row] : []));
  const length = Math.min(count, rows.length);
  const chosen = Array.from({ length }, (_, index) => rows[Math.floor((index * rows.length) / length)]!);
  const jobs = Array.from({ length: Math.ceil(chosen.length / batchSize) }, (_, index) => ({
    rows: Int32Array.from(chosen.slice(index * batchSize, (index + 1) * batchSize)),
    augment: undefined,
  }));
  for await (const { input } of batches.stream(jobs)) yield input;
}

/** Brings the step to the last checkpoint; where there is none, it stays at the beginning. */
async function restore({ out, config, resume }: TrainOptions, dataHash: string, step: TrainingStep): Promise<LoopState> {
  if (resume !== true || !(await hasCheckpoint(out))) return initialLoopState;
  const checkpoint = await readCheckpoint(join(out, trainingFiles.last));
  checkResumable(checkpoint, { config, dataHash });
  step.restore(checkpoint.tensors);
  return checkpoint.state;
}

function createBatches(
  { picture, augmentation, seed }: TrainingConfig,
  { inputs }: TrainingData,
  workers?: number,
): BatchStream & AsyncDisposable {
  if (inputs.kind === "features") return new FeatureBatches(inputs);
  const { store, crops, cropOfRow } = inputs;
  return new BatchPool({ store, crops, cropOfRow, side: picture?.side ?? store.side, augmentation, seed }, { workers });
}

function assembleParts(
  config: TrainingConfig,
  { samples }: TrainingData,
  teachers: TeacherAnswers,
  running: Pick<TrainingParts, "step" | "batches" | "createPredictor">,
): TrainingParts {
  const labels = samples.map(({ record }) => record.labels);
  const rowsOf = (role: string): Int32Array => Int32Array.from(samples.flatMap((sample, row) => (sample.role === role ? [row] : [])));
  return {
    ...running,
    config,
    labels,
    trainRows: rowsOf("train"),
    validationRows: rowsOf("validation"),
    sampleWeights: trainingWeights(
      config,
      samples.filter(({ role }) => role === "train"),
    ),
    targets: targetTables(config, labels, teachers),
    now: () => performance.now(),
    cpuSeconds: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
  };
}

interface Followed {
  readonly events: AsyncGenerator<TrainingEvent, LoopState>;
  readonly step: TrainingStep;
  readonly facts: Omit<CheckpointFacts, "state">;
  readonly log: RunLog;
  readonly options: TrainOptions;
  readonly state: LoopState;
}

/** Reads the events: logs them, writes checkpoints, stops between two steps when asked to. */
async function follow({ events, step, facts, log, options, state }: Followed): Promise<TrainResult> {
  const { config, out, signal, onEvent } = options;
  const save = (name: string, state: LoopState, tensors: TrainingState): Promise<void> => {
    requireNumbers(tensors, state);
    return writeCheckpoint(join(out, name), { ...facts, state, tensors });
  };
  let current = state;
  let savedAt = performance.now();
  for await (const event of events) {
    current = event.state;
    if (event.kind === "epoch" || current.step % config.logEvery === 0) await log.write(event);
    onEvent?.(event);
    if (event.kind === "epoch" && event.validation?.isBest === true) {
      await save(trainingFiles.best, current, step.weights());
    }
    const isStopping = signal?.aborted === true;
    if (event.kind === "epoch" || isStopping || performance.now() - savedAt > config.checkpointMinutes * 60_000) {
      await save(trainingFiles.last, current, step.state());
      savedAt = performance.now();
    }
    if (isStopping) break;
  }
  return { state: current, isDone: current.isDone };
}

/**
 * A step may spoil the weights after a loss that was still a number: such a state must not replace a checkpoint that is good.
 * @throws {TF_TRAINING_DIVERGED}
 */
function requireNumbers(tensors: TrainingState, { step }: LoopState): void {
  for (const [name, { data }] of tensors) {
    if (name.startsWith("optimiser/") || data.every(Number.isFinite)) continue;
    throw new TensorFaceError("TF_TRAINING_DIVERGED", `after step ${step} "${name}" holds what is no number any more`);
  }
}
