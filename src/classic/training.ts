import { createRandom, type Random, TensorFaceError, throwIfAborted } from "../core/index.ts";
import { batchOf, drawFrom, drawPictures, gatherBatch, type Drawn } from "./draw.ts";
import type { Eye } from "./eye.ts";
import type { ClassicBatch, ClassicHead, ClassicTrainer } from "./head.ts";
import type { ImageList } from "./image-lists.ts";
import { lines } from "./lines.ts";
import type { ClassicSettings } from "./defaults.ts";
import { type Distortions, drawDistortion, isDistorting } from "./pixels.ts";
import { accuracyOf, stepSummary, type Summaries } from "./summaries.ts";

/** What the loop works with. */
export interface TrainingParts {
  readonly classes: readonly ImageList[];
  /** By the picture's path; with distortions those of the training part are not needed. */
  readonly features: ReadonlyMap<string, Float32Array>;
  readonly columns: number;
  readonly trainer: ClassicTrainer;
  readonly summaries: Summaries;
  readonly eye: Eye;
  /** Size of the network's input. */
  readonly input: { readonly width: number; readonly height: number };
  /** Keeps a network on the way. */
  readonly onIntermediate: (step: number, head: ClassicHead) => Promise<void>;
}

/** The last printed numbers. */
export interface TrainingEnd {
  /** Share of the last validation batch; undefined without validation pictures. */
  readonly validation: number | undefined;
}

/** Steps between two turns for Ctrl-C and progress. */
const turnEvery = 20;

/**
 * Trains the layer as the script does: batches that draw the class first, and at every so many steps the numbers of this batch and of
 * a validation batch.
 * @throws {TF_ABORTED | TF_TRAINING_DIVERGED}
 */
export async function trainClassic(parts: TrainingParts, settings: ClassicSettings): Promise<TrainingEnd> {
  const { howManyTrainingSteps: steps, evalStepInterval, intermediateStoreFrequency: frequency, onProgress, signal } = settings;
  const { trainer, summaries } = parts;
  const random = createRandom(settings.seed).fork("batches");
  let validation: number | undefined;
  for (let step = 0; step < steps; step++) {
    if (step % turnEvery === 0) await turn(signal);
    const batch = await drawTraining(parts, settings, random);
    const before = trainer.head();
    const answer = await trainer.step(batch);
    await summaries.train.write(step, stepSummary(before, answer, batch.classes));
    if (step % evalStepInterval === 0 || step + 1 === steps) validation = await printNumbers(step, batch, { parts, settings, random });
    if (frequency > 0 && step % frequency === 0 && step > 0) await parts.onIntermediate(step, trainer.head());
    onProgress?.({ stage: "train", done: step + 1, total: steps });
  }
  return { validation };
}

async function turn(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  throwIfAborted(signal);
}

async function drawTraining(parts: TrainingParts, settings: ClassicSettings, random: Random): Promise<ClassicBatch> {
  const { classes, features, columns } = parts;
  const drawn = drawPictures(classes, "training", settings.trainBatchSize, random);
  return isDistorting(settings) ? lookAtDistorted(drawn, parts, settings, random) : gatherBatch(drawn, features, columns);
}

/** Times that other pictures are drawn for those that cannot be read. */
const mostRounds = 10;

/** Drawn pictures, each changed by chance and looked at anew. A picture that cannot be read makes way for another of its class. */
async function lookAtDistorted(
  { pictures, classes: labels }: Drawn,
  { classes, columns, eye, input }: TrainingParts,
  settings: Distortions & Pick<ClassicSettings, "signal">,
  random: Random,
): Promise<ClassicBatch> {
  const taken = [...pictures];
  const rows = new Map<number, Float32Array>();
  for (let round = 0; rows.size < taken.length; round++) {
    const missing = [...taken.keys()].filter((row) => !rows.has(row));
    if (round > mostRounds) throw new TensorFaceError("TF_IMAGE_CORRUPT", `"${taken[missing[0]!]!.path}" and others cannot be read`);
    for (const row of round === 0 ? [] : missing) taken[row] = drawFrom(classes[labels[row]!]!.training, random);
    const sights = missing.map((row) => ({ path: taken[row]!.path, drawn: drawDistortion(input, settings, random) }));
    const seen = await eye.see(sights, settings.signal);
    for (const [place, row] of missing.entries()) if (seen[place] !== undefined) rows.set(row, seen[place]);
  }
  return batchOf(
    taken.map((_, row) => rows.get(row)!),
    labels,
    columns,
  );
}

async function printNumbers(
  step: number,
  batch: ClassicBatch,
  { parts, settings, random }: { readonly parts: TrainingParts; readonly settings: ClassicSettings; readonly random: Random },
): Promise<number | undefined> {
  const { classes, features, columns, trainer, summaries } = parts;
  const { onLine } = settings;
  const { logits, crossEntropy } = await trainer.evaluate(batch);
  onLine?.(lines.trainAccuracy(step, accuracyOf(logits, batch.classes)));
  onLine?.(lines.crossEntropy(step, crossEntropy));
  if (classes.every(({ validation }) => validation.length === 0)) return undefined;
  const drawn = gatherBatch(drawPictures(classes, "validation", settings.validationBatchSize, random), features, columns);
  const answer = await trainer.evaluate(drawn);
  await summaries.validation.write(step, stepSummary(trainer.head(), answer, drawn.classes));
  const share = accuracyOf(answer.logits, drawn.classes);
  onLine?.(lines.validationAccuracy(step, share, drawn.classes.length));
  return share;
}
