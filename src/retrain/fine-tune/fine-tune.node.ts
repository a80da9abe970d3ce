import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import {
  createRandom,
  loadAhead,
  type Float32Tensor,
  type ProgressListener,
  shuffled,
  TensorFaceError,
  throwIfAborted,
} from "../../core/index.ts";
import { pathKind, readRegularFile, writeFileAtomically } from "../../files/files.node.ts";
import { channelCount } from "../../image/index.ts";
import type { LinearHead } from "../../features/index.ts";
import type { InferenceRuntime } from "../../runtime/index.ts";
import { decodeSafetensors, encodeSafetensors, learningRate, type ScheduleOptions } from "../../train/run/index.ts";
import { createTrainingStep, type TrainingStep } from "../../train/step/index.ts";
import type { Backbone } from "../backbone.ts";
import type { CropPlan } from "../crop.ts";
import { createCropExtractor } from "../extract.node.ts";
import { lossOn } from "../head/tuned.ts";
import { selectTargets } from "../head/teach.ts";
import type { Targets } from "../head/targets.ts";
import type { LocatedFace } from "../locate.node.ts";
import { batchTarget, headName, lossFor, numberScale } from "../loss-targets.ts";
import type { Example } from "../source.node.ts";
import { createAugmentedCrops } from "./crops.node.ts";
import { type TunableNetwork, tunableNetwork } from "./network.ts";

/** Passes over the pictures, at most; it ends earlier when so many in a row have not been better on the pictures that validate. */
const limits = { epochs: 10, patience: 3 } as const;
const batchSize = 32;
/** Low: what the network knows is to be moved, not to be learnt anew. */
const schedule: ScheduleOptions = { kind: "cosine", peak: 2e-4, warmUp: 0.05, final: 0.1, length: 1, cooldown: 0 };
const optimiser = { kind: "adamw", weightDecay: 0.05 } as const;
const settings = { clipNorm: 1, averageDecay: 0.99 } as const;

export interface FineTuneOptions {
  readonly runtime: InferenceRuntime;
  /** Where checkpoints are kept. */
  readonly work: string;
  readonly plan: CropPlan;
  readonly faces: ReadonlyMap<string, LocatedFace>;
  readonly seed: number;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface FineTuneProblem {
  readonly backbone: Backbone;
  /** To begin with: learnt from the rows that train, without a temperature. */
  readonly begin: LinearHead;
  readonly examples: readonly Example[];
  readonly targets: Targets;
  /** Rows that are learnt from, and rows that say when to stop. */
  readonly train: Int32Array;
  readonly validation: Int32Array;
}

/** What came of it. */
export interface FineTuned {
  readonly backbone: Backbone;
  readonly head: LinearHead;
  /** Mean loss on the rows that validate, each at its best temperature: of the head that it began with, and of the best pass. */
  readonly before: number;
  readonly after: number;
  /** The best pass, and how many there were. */
  readonly epoch: number;
  readonly epochs: number;
}

/** Of a run, all that the next process needs. */
interface Progress {
  readonly epoch: number;
  readonly bestEpoch: number;
  readonly before: number;
  readonly best: number;
  readonly isDone: boolean;
}

const progressSchema = z.strictObject({
  epoch: z.int().min(0),
  bestEpoch: z.int().min(0),
  before: z.number(),
  best: z.number(),
  isDone: z.boolean(),
});

type Tensors = ReadonlyMap<string, Float32Tensor>;

/**
 * Learns a backbone's last blocks and the head on together, on crops that chance changes a little, and keeps the pass that was best on
 * the pictures that validate. After every pass a checkpoint is written: a run that was killed goes on exactly where it was.
 * @throws {TF_ABORTED | TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} what was done before is kept
 * @throws {TF_TRAINING_DIVERGED} when the loss is no number any more
 */
export async function fineTune(problem: FineTuneProblem, options: FineTuneOptions): Promise<FineTuned> {
  const { runtime, work, seed, onProgress, signal } = options;
  const scale = numberScale(problem.targets, problem.train);
  const network = tunableNetwork(problem.backbone, problem.begin, scale);
  const path = join(work, `fine-tune-${keyOf(problem, options)}.safetensors`);
  const kept = await readKept(path);
  await using step = await createTrainingStep(runtime, network, [lossFor(problem.targets)], optimiser, { batchSize, seed, ...settings });
  if (kept !== undefined) step.restore(kept.state);
  const before = kept?.progress.before ?? (await validationLoss(problem, problem.backbone, problem.begin, options));
  let progress: Progress = kept?.progress ?? { epoch: 0, bestEpoch: 0, before, best: Number.POSITIVE_INFINITY, isDone: false };
  let best: Tensors = kept?.best ?? step.weights();
  while (!progress.isDone) {
    throwIfAborted(signal);
    const epoch = progress.epoch + 1;
    await runEpoch(step, problem, epoch, options);
    const weights = step.weights();
    const tuned = network.withWeights(weights);
    const loss = await validationLoss(problem, tuned.backbone, tuned.head, options);
    if (!Number.isFinite(loss)) throw new TensorFaceError("TF_TRAINING_DIVERGED", `after pass ${epoch} the loss is no number any more`);
    const isBest = loss < progress.best;
    if (isBest) best = weights;
    const bestEpoch = isBest ? epoch : progress.bestEpoch;
    const isDone = epoch === limits.epochs || epoch - bestEpoch >= limits.patience;
    progress = { epoch, bestEpoch, before, best: Math.min(loss, progress.best), isDone };
    await writeKept(path, progress, step.state(), best);
    onProgress?.({ stage: "fine-tune", done: isDone ? limits.epochs : epoch, total: limits.epochs });
  }
  return { ...tunedOf(network, best), before, after: progress.best, epoch: progress.bestEpoch, epochs: progress.epoch };
}

function tunedOf(network: TunableNetwork, weights: Tensors): Pick<FineTuned, "backbone" | "head"> {
  const { backbone, head } = network.withWeights(weights);
  // Its features are not those of the network that it was made of.
  const hash = createHash("sha256");
  for (const [name, { data }] of weights) hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return { backbone: { ...backbone, revision: hash.digest("hex").slice(0, 16) }, head };
}

/** Everything that the numbers depend on. */
function keyOf({ backbone, begin, examples, targets, train, validation }: FineTuneProblem, { plan, seed }: FineTuneOptions): string {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([backbone.id, backbone.parts.map(({ sha256 }) => sha256), plan, seed, limits, batchSize, schedule, settings]));
  for (const { record } of examples) hash.update(record.sha256);
  const numbers = targets.kind === "number" ? targets.values : targets.kind === "tags" ? targets.tags : targets.classes;
  for (const { buffer, byteOffset, byteLength } of [numbers, train, validation, begin.weights, begin.bias])
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  return hash.digest("hex").slice(0, 16);
}

async function runEpoch(step: TrainingStep, problem: FineTuneProblem, epoch: number, options: FineTuneOptions): Promise<void> {
  const { backbone, examples, targets, train } = problem;
  const { plan, faces, seed, onProgress, signal } = options;
  const { input, template } = backbone;
  const crops = createAugmentedCrops({ crop: { input, template }, plan, faceOf: (path) => faces.get(path), seed });
  const order = Int32Array.from(shuffled(Array.from(train), createRandom(seed).fork(`order ${epoch}`)));
  const steps = Math.ceil(order.length / batchSize);
  const shape = [batchSize, channelCount(input), input.height, input.width];
  const scale = numberScale(targets, train);
  const places = Array.from(order, (row, place) => ({ row, place }));
  const load = async (batch: readonly { readonly row: number; readonly place: number }[]): Promise<Uint8Array> => {
    const data = new Uint8Array(shape.reduce((product, size) => product * size, 1));
    const paths = batch.map(({ row }) => examples[row]!.path);
    await crops.write(paths, data, { epoch, position: batch[0]!.place });
    return data;
  };
  for await (const { batch, start, loaded: data } of loadAhead(places, batchSize, load)) {
    throwIfAborted(signal);
    const rows = order.subarray(start, start + batch.length);
    const rate = learningRate(schedule, step.count, steps * limits.epochs);
    const target = batchTarget(targets, rows, batchSize, scale);
    await step.run({ input: { type: "uint8", shape, data }, targets: { [headName]: target } }, { learningRate: rate });
    onProgress?.({ stage: `fine-tune, pass ${epoch}`, done: start + batch.length, total: order.length });
  }
}

/** Crops as they are, as they will be cut when the model is used. */
async function validationLoss(
  { examples, targets, validation }: FineTuneProblem,
  backbone: Backbone,
  head: LinearHead,
  { runtime, plan, faces }: FineTuneOptions,
): Promise<number> {
  await using extractor = createCropExtractor(runtime, backbone, { plan, faceOf: (file) => faces.get(file) });
  const data = await extractor.extract(Array.from(validation, (row) => examples[row]!));
  const features = { rows: validation.length, columns: backbone.columns, data };
  return lossOn(head, features, selectTargets(targets, validation));
}

interface Kept {
  readonly progress: Progress;
  readonly state: Tensors;
  readonly best: Tensors;
}

const format = "tensorface.fine-tune/1";
const parts = { state: "state/", best: "best/" } as const;

async function writeKept(path: string, progress: Progress, state: Tensors, best: Tensors): Promise<void> {
  const prefixed = (prefix: string, tensors: Tensors): (readonly [string, Float32Tensor])[] =>
    [...tensors].map(([name, tensor]) => [`${prefix}${name}`, tensor] as const);
  const tensors = new Map([...prefixed(parts.state, state), ...prefixed(parts.best, best)]);
  await writeFileAtomically(path, encodeSafetensors({ tensors, metadata: { format, progress: JSON.stringify(progress) } }));
}

/** What is damaged is begun anew: it is a cache. */
async function readKept(path: string): Promise<Kept | undefined> {
  if ((await pathKind(path)) !== "file") return undefined;
  try {
    const { tensors, metadata } = decodeSafetensors(await readRegularFile(path, { maxBytes: 2 ** 32 }));
    const progress = progressSchema.parse(JSON.parse(metadata["progress"] ?? ""));
    const named = (prefix: string): Tensors =>
      new Map(
        [...tensors].flatMap(([name, tensor]) =>
          name.startsWith(prefix) && tensor.type === "float32" ? [[name.slice(prefix.length), tensor] as const] : [],
        ),
      );
    return metadata["format"] === format ? { progress, state: named(parts.state), best: named(parts.best) } : undefined;
  } catch {
    return undefined;
  }
}
