import { counted, createRandom, type Tensor, TensorFaceError } from "../../core/index.ts";
import type { BatchJob } from "../augment/batch.ts";
import { drawMixPlan, type MixPlan } from "../augment/plan.ts";
import { ownTasks, type TrainingConfig } from "../config.ts";
import { epochOrder } from "../data/sampler.ts";
import { checkTaught } from "../definition.ts";
import { learningRate } from "./schedule.ts";
import type { TrainingStep } from "../step/step.ts";
import { gatherTargets, type TargetTable } from "../data/targets.ts";
import { givenMetrics, type HeadLogits, selectionScore, type ValidationMetrics, validationMetrics } from "./validation-metrics.ts";
import type { FaceLabels } from "../../datasets/index.ts";
import type { Weights } from "../network/network.ts";

/**
 * The training loop: which samples in which order, one step after another, validation, the best so far. It knows no files and
 * no threads: batches come from a source, results go out as events, and its whole memory is a plain {@link LoopState}.
 *
 * All randomness is a function of (seed, epoch, position), so a state needs no generator's words: a loop that starts from a
 * saved state, with a step restored to the same point, does exactly what the first one would have done.
 */

/** Makes batches ahead of their use, in order; see `BatchPool`. */
export interface BatchStream {
  stream<Job extends BatchJob>(jobs: Iterable<Job>): AsyncGenerator<{ readonly job: Job; readonly input: Tensor }>;
  /** Time that the consumer has waited and that the makers have worked, milliseconds since the start. */
  readonly statistics: { readonly waitedMs: number; readonly workedMs: number };
}

/**
 * Logits with given weights: pictures `[n, channels, side, side]` uint8 or features `[n, size]` float32 in, one entry a head out,
 * in the network's order.
 */
export interface Predictor extends AsyncDisposable {
  predict(batch: Tensor): Promise<readonly HeadLogits[]>;
}

export interface TrainingParts {
  readonly config: TrainingConfig;
  readonly step: TrainingStep;
  readonly batches: BatchStream;
  /** A predictor with the weights as they are now. */
  readonly createPredictor: (weights: Weights) => Promise<Predictor>;
  /** Labels of the rows. */
  readonly labels: readonly FaceLabels[];
  readonly trainRows: Int32Array;
  readonly validationRows: Int32Array;
  /** How often each training row stands in an epoch, relative to the others. */
  readonly sampleWeights: Float64Array;
  /** Targets by the name of their loss term, for all rows. */
  readonly targets: Readonly<Record<string, TargetTable>>;
  /** Milliseconds of a steady clock. */
  readonly now: () => number;
  /** CPU time of this process with all its threads, seconds. */
  readonly cpuSeconds: () => number;
}

/** Sums over the batches of an epoch so far. */
export interface LossSums {
  readonly batches: number;
  readonly loss: number;
  /** By loss term: the sum of its batch means, and in how many batches it had a label. */
  readonly terms: Readonly<Record<string, { readonly sum: number; readonly batches: number }>>;
}

/** Time of a training without its validation, of all processes that worked at it. */
export interface SpentTime {
  readonly seconds: number;
  /** CPU time of the whole process: what a busy machine does not change. */
  readonly cpuSeconds: number;
}

/** Where a training stands, between two steps. */
export interface LoopState {
  /** Steps done in all. */
  readonly step: number;
  /** The epoch under way, from 0; the number of epochs when all are done. */
  readonly epoch: number;
  /** Batches done in it. */
  readonly batch: number;
  readonly sums: LossSums;
  /** What it took so far; absent between two epochs, and of earlier versions. */
  readonly spent?: SpentTime | undefined;
  readonly best: { readonly epoch: number; readonly score: number } | undefined;
  /** Validations since the best one. */
  readonly stale: number;
  readonly isDone: boolean;
}

const noSums: LossSums = { batches: 0, loss: 0, terms: {} };

export const initialLoopState: LoopState = { step: 0, epoch: 0, batch: 0, sums: noSums, best: undefined, stale: 0, isDone: false };

/** A step was done. */
export interface StepEvent {
  readonly kind: "step";
  readonly state: LoopState;
  readonly learningRate: number;
  /** What was minimised, in this batch. */
  readonly loss: number;
  readonly losses: Readonly<Record<string, number>>;
  readonly gradientNorm: number;
}

/** An epoch was done. */
export interface EpochEvent {
  readonly kind: "epoch";
  readonly state: LoopState;
  /** From 1. */
  readonly epoch: number;
  /** Means over the epoch's batches. */
  readonly loss: number;
  readonly losses: Readonly<Record<string, number>>;
  readonly learningRate: number;
  /** Absent where this epoch was not validated. */
  readonly validation: { readonly metrics: ValidationMetrics; readonly score: number; readonly isBest: boolean } | undefined;
  readonly timing: EpochTiming;
}

/** What an epoch took. Of one that was stopped inside and resumed, rates and shares are those since it was resumed. */
export interface EpochTiming {
  /** See {@link SpentTime}. */
  readonly trainSeconds: number;
  readonly trainCpuSeconds: number;
  readonly validationSeconds: number;
  readonly picturesPerSecond: number;
  /** Share of the training time in which the step stood waiting for pictures. */
  readonly waitingShare: number;
  /** Time that the augmenting threads worked, as a share of the training time. */
  readonly augmentationShare: number;
}

/** What a training tells while it runs. */
export type TrainingEvent = StepEvent | EpochEvent;

/** Batches in an epoch; what does not fill a batch waits for another epoch, whose order is another. */
export function batchesPerEpoch(config: TrainingConfig, trainCount: number): number {
  return Math.floor((config.sampling.epochLength ?? trainCount) / config.batchSize);
}

/** Steps of the whole training. */
export function stepCount(config: TrainingConfig, trainCount: number): number {
  return batchesPerEpoch(config, trainCount) * config.epochs;
}

/**
 * Trains from `state` to the end, an event after every step and every epoch. Whoever reads the events may stop reading at any
 * of them: the step and the event's state then belong together and can be saved.
 * @throws {TF_CONFIG_INVALID} when the training data do not fill one batch or do not teach a head, or the validation data do not give what
 * selects
 * @throws {TF_TRAINING_DIVERGED} when the loss is no number any more
 */
export async function* runTraining(parts: TrainingParts, state: LoopState): AsyncGenerator<TrainingEvent, LoopState> {
  const { config } = parts;
  if (batchesPerEpoch(config, parts.trainRows.length) === 0) {
    const message = `field "batchSize": an epoch has ${config.sampling.epochLength ?? parts.trainRows.length} pictures, fewer than a batch of ${config.batchSize}`;
    throw new TensorFaceError("TF_CONFIG_INVALID", message);
  }
  checkSelection(parts);
  checkTaught(config, parts.targets, parts.trainRows);
  let current = state;
  while (!current.isDone) {
    const before = parts.batches.statistics;
    const start = parts.now();
    const cpuBefore = parts.cpuSeconds();
    const { batch: firstBatch, spent: earlier = { seconds: 0, cpuSeconds: 0 } } = current;
    const spentUntilNow = (): SpentTime => ({
      seconds: earlier.seconds + (parts.now() - start) / 1000,
      cpuSeconds: earlier.cpuSeconds + parts.cpuSeconds() - cpuBefore,
    });
    for await (const event of trainEpoch(parts, current)) {
      current = { ...event.state, spent: spentUntilNow() };
      yield { ...event, state: current };
    }
    const pictures = (current.batch - firstBatch) * config.batchSize;
    const timing = measure(parts, { start, before, pictures, spent: spentUntilNow() });
    const event = await finishEpoch(parts, current, timing);
    current = event.state;
    yield event;
  }
  return current;
}

/** Without one of its metrics a selection is no number, and no checkpoint would ever be the best. */
function checkSelection({ config, labels, validationRows }: TrainingParts): void {
  const given = givenMetrics(
    Array.from(validationRows, (row) => labels[row]!),
    ownTasks(config),
  );
  const missing = config.validation.select.filter((metric) => !given.has(metric));
  if (missing.length === 0) return;
  const message = `field "validation.select": none of the ${counted(validationRows.length, "validation picture")} has a label for ${missing.join(", ")}`;
  throw new TensorFaceError("TF_CONFIG_INVALID", message, {
    hint: "Select by what the labels give: age.meanAbsoluteError needs exact ages; groups give age.groupAccuracy where one of FairFace's nine holds them.",
  });
}

interface EpochJob extends BatchJob {
  readonly augment: { readonly epoch: number; readonly firstPosition: number; readonly mix: MixPlan | undefined };
}

/** The batches of an epoch from `firstBatch` on. */
export function* epochJobs(
  parts: Pick<TrainingParts, "config" | "trainRows" | "sampleWeights">,
  epoch: number,
  firstBatch: number,
): Generator<EpochJob> {
  const { config, trainRows, sampleWeights } = parts;
  const { batchSize, seed, augmentation, picture } = config;
  const random = createRandom(seed);
  const order = epochOrder(sampleWeights, config.sampling.epochLength ?? trainRows.length, random.fork(`order ${epoch}`));
  const mixRandom = random.fork(`mix ${epoch}`);
  for (let batch = firstBatch; batch < batchesPerEpoch(config, trainRows.length); batch++) {
    const firstPosition = batch * batchSize;
    const rows = order.subarray(firstPosition, firstPosition + batchSize).map((index) => trainRows[index]!);
    yield { rows, augment: { epoch, firstPosition, mix: drawMixPlan(augmentation, mixRandom.fork(batch), batchSize, picture?.side ?? 1) } };
  }
}

async function* trainEpoch(parts: TrainingParts, state: LoopState): AsyncGenerator<StepEvent> {
  const { config, step } = parts;
  const steps = stepCount(config, parts.trainRows.length);
  let current = state;
  for await (const { job, input } of parts.batches.stream(epochJobs(parts, state.epoch, state.batch))) {
    const rate = learningRate(config.schedule, current.step, steps);
    const targets = Object.fromEntries(
      Object.entries(parts.targets).map(([name, table]) => [name, gatherTargets(table, job.rows, job.augment.mix)]),
    );
    const { loss, losses, gradientNorm } = await step.run({ input, targets }, { learningRate: rate });
    if (!Number.isFinite(loss)) throw diverged(current, loss, rate);
    current = afterStep(current, loss, losses);
    yield { kind: "step", state: current, learningRate: rate, loss, losses, gradientNorm };
  }
}

function afterStep(state: LoopState, loss: number, losses: Readonly<Record<string, number>>): LoopState {
  return { ...state, step: state.step + 1, batch: state.batch + 1, sums: addLosses(state.sums, loss, losses) };
}

function diverged(state: LoopState, loss: number, rate: number): TensorFaceError {
  const where = `step ${state.step + 1} (epoch ${state.epoch + 1})`;
  return new TensorFaceError("TF_TRAINING_DIVERGED", `the loss is ${loss} at ${where}, learning rate ${rate.toPrecision(3)}`);
}

function addLosses(sums: LossSums, loss: number, losses: Readonly<Record<string, number>>): LossSums {
  const terms = { ...sums.terms };
  for (const [name, value] of Object.entries(losses)) {
    const term = terms[name] ?? { sum: 0, batches: 0 };
    terms[name] = Number.isNaN(value) ? term : { sum: term.sum + value, batches: term.batches + 1 };
  }
  return { batches: sums.batches + 1, loss: sums.loss + loss, terms };
}

async function finishEpoch(parts: TrainingParts, state: LoopState, timing: EpochTiming): Promise<EpochEvent> {
  const { config } = parts;
  const epoch = state.epoch + 1;
  const start = parts.now();
  const isValidated = epoch % config.validation.every === 0 || epoch === config.epochs;
  const validation = isValidated ? await judge(parts, state) : undefined;
  const best = validation?.isBest === true ? { epoch, score: validation.score } : state.best;
  const stale = validation === undefined ? state.stale : validation.isBest ? 0 : state.stale + 1;
  const isDone = epoch >= config.epochs || (config.patience > 0 && stale >= config.patience);
  const steps = stepCount(config, parts.trainRows.length);
  return {
    kind: "epoch",
    state: { step: state.step, epoch, batch: 0, sums: noSums, best, stale, isDone },
    epoch,
    loss: state.sums.loss / state.sums.batches,
    losses: Object.fromEntries(Object.entries(state.sums.terms).map(([name, { sum, batches }]) => [name, sum / batches])),
    learningRate: learningRate(config.schedule, state.step - 1, steps),
    validation,
    timing: { ...timing, validationSeconds: (parts.now() - start) / 1000 },
  };
}

async function judge(parts: TrainingParts, { best }: LoopState): Promise<NonNullable<EpochEvent["validation"]>> {
  const { config, validationRows } = parts;
  const logits = await predictRows(parts, validationRows);
  const labels = Array.from(validationRows, (row) => parts.labels[row]!);
  const metrics = validationMetrics(logits, labels, ownTasks(config));
  const score = selectionScore(metrics, config.validation.select);
  // A score that is no number never wins, and loses against any other.
  return { metrics, score, isBest: score > (best?.score ?? Number.NEGATIVE_INFINITY) };
}

/** Logits for rows of the store, without augmentation, with the weights that inference would use now. */
async function predictRows(parts: TrainingParts, rows: Int32Array): Promise<HeadLogits[]> {
  const { config } = parts;
  await using predictor = await parts.createPredictor(parts.step.weights());
  const results = new Map<string, HeadLogits>();
  let done = 0;
  for await (const { job, input } of parts.batches.stream(plainJobs(rows, config.batchSize))) {
    for (const { task, values, width } of await (config.validation.flip ? predictBothWays(predictor, input) : predictor.predict(input))) {
      const result = results.get(task) ?? { task, width, values: new Float32Array(rows.length * width) };
      results.set(task, result);
      result.values.set(values, done * width);
    }
    done += job.rows.length;
  }
  return [...results.values()];
}

function* plainJobs(rows: Int32Array, batchSize: number): Generator<BatchJob> {
  for (let start = 0; start < rows.length; start += batchSize) yield { rows: rows.slice(start, start + batchSize), augment: undefined };
}

/**
 * The mean of the logits of pictures and of their mirror images, which serving answers with where a model says so.
 * @param batch as a predictor takes it; features have no mirror image, and only their own logits
 */
export async function predictBothWays(predictor: Predictor, batch: Tensor): Promise<readonly HeadLogits[]> {
  const heads = await predictor.predict(batch);
  if (batch.type !== "uint8") return heads;
  // Copied: a predictor may use its memory again.
  const straight = heads.map(({ task, width, values }) => ({ task, width, values: values.slice() }));
  const mirrored = await predictor.predict({ ...batch, data: mirrorRows(batch.data, batch.shape.at(-1)!) });
  return straight.map(({ task, width, values }, head) => ({
    task,
    width,
    values: values.map((value, index) => (value + mirrored[head]!.values[index]!) / 2),
  }));
}

function mirrorRows(pixels: Uint8Array, side: number): Uint8Array {
  const mirrored = new Uint8Array(pixels.length);
  for (let row = 0; row < pixels.length; row += side) {
    for (let x = 0; x < side; x++) mirrored[row + x] = pixels[row + side - 1 - x]!;
  }
  return mirrored;
}

interface EpochStart {
  readonly start: number;
  readonly before: BatchStream["statistics"];
  readonly pictures: number;
  readonly spent: SpentTime;
}

function measure(parts: TrainingParts, { start, before, pictures, spent }: EpochStart): EpochTiming {
  const elapsed = Math.max(parts.now() - start, 1e-6);
  const { waitedMs, workedMs } = parts.batches.statistics;
  return {
    trainSeconds: spent.seconds,
    trainCpuSeconds: spent.cpuSeconds,
    validationSeconds: 0,
    picturesPerSecond: pictures / (elapsed / 1000),
    waitingShare: (waitedMs - before.waitedMs) / elapsed,
    augmentationShare: (workedMs - before.workedMs) / elapsed,
  };
}
