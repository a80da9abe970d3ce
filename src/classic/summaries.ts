import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { argMax, counted, softmax, TensorFaceError } from "../core/index.ts";
import { pathKind, sortedNames, writeFailure } from "../files/files.node.ts";
import { encodeFileVersion, encodeSummary, histogramOf, type Summary } from "../train/run/index.ts";
import type { ClassicAnswer, ClassicHead } from "./head.ts";

const parts = ["train", "validation"] as const;
const eventPrefix = "events.out.tfevents.";
const flushBytes = 1 << 20;

/** One of TensorBoard's runs. */
export interface SummaryWriter {
  write(step: number, summary: Summary): Promise<void>;
}

/** The two runs of a training. */
export interface Summaries extends AsyncDisposable {
  readonly train: SummaryWriter;
  readonly validation: SummaryWriter;
}

/** The event files of an earlier run. @throws {TF_DATASET_CONFLICT} when the folder holds anything else, which nobody may remove */
export async function earlierEvents(folder: string): Promise<string[]> {
  if ((await pathKind(folder)) === "none") return [];
  const found: string[] = [];
  const others: string[] = [];
  for (const { name, isFolder } of await sortedNames(folder)) {
    if (!isFolder || !parts.some((part) => part === name)) {
      others.push(name);
      continue;
    }
    for (const inner of await sortedNames(join(folder, name)))
      (inner.name.startsWith(eventPrefix) && !inner.isFolder ? found : others).push(join(name, inner.name));
  }
  if (others.length === 0) return found;
  throw new TensorFaceError(
    "TF_DATASET_CONFLICT",
    `the folder of summaries "${folder}" holds other files: ${others.slice(0, 4).join(", ")}`,
    {
      hint: "Name another folder with --summaries_dir. The script would have removed all of them.",
    },
  );
}

export interface AgreeToEmptyOptions {
  /** Asked before event files of an earlier run are removed. @default never */
  readonly mayEmpty?: ((folder: string, files: number) => boolean | Promise<boolean>) | undefined;
}

/**
 * Asks whether the event files of an earlier run may be removed.
 * @returns their names below the folder
 * @throws {TF_TRAINING_EXISTS} when nobody agrees
 */
export async function agreeToEmpty(folder: string, { mayEmpty }: AgreeToEmptyOptions): Promise<readonly string[]> {
  const found = await earlierEvents(folder);
  if (found.length === 0 || (await mayEmpty?.(folder, found.length)) === true) return found;
  throw new TensorFaceError(
    "TF_TRAINING_EXISTS",
    `the folder of summaries "${folder}" holds ${counted(found.length, "event file")} of an earlier run`,
    {
      hint: "Name another folder with --summaries_dir, or have these removed with --force.",
    },
  );
}

/**
 * Begins the event files of a training.
 * @param earlier event files that make way for them
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE} as all writes do
 */
export async function openSummaries(folder: string, earlier: readonly string[] = []): Promise<Summaries> {
  for (const name of earlier) await rm(join(folder, name), { force: true });
  const train = await openWriter(join(folder, "train"));
  let validation: Awaited<ReturnType<typeof openWriter>>;
  try {
    validation = await openWriter(join(folder, "validation"));
  } catch (error) {
    await train.close();
    throw error;
  }
  return {
    train,
    validation,
    async [Symbol.asyncDispose]() {
      try {
        await train.close();
      } finally {
        await validation.close();
      }
    },
  };
}

async function openWriter(folder: string): Promise<SummaryWriter & { close(): Promise<void> }> {
  const path = join(folder, `${eventPrefix}${String(Math.floor(Date.now() / 1000)).padStart(10, "0")}.${hostname()}`);
  let file: FileHandle;
  try {
    await mkdir(folder, { recursive: true });
    file = await open(path, "w");
  } catch (error) {
    throw writeFailure(error, path);
  }
  const now = (): number => Date.now() / 1000;
  let waiting: Uint8Array[] = [encodeFileVersion(now())];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const data = Buffer.concat(waiting);
    [waiting, bytes] = [[], 0];
    await file.appendFile(data).catch((error: unknown) => {
      throw writeFailure(error, path);
    });
  };
  return {
    async write(step, summary) {
      const record = encodeSummary(now(), step, summary);
      waiting.push(record);
      bytes += record.length;
      if (bytes >= flushBytes) await flush();
    },
    async close() {
      try {
        await flush();
      } finally {
        await file.close();
      }
    },
  };
}

/** What the script's graph tells of a step, under the names that it has there. */
export function stepSummary({ weights, biases }: ClassicHead, { logits, crossEntropy }: ClassicAnswer, classes: Int32Array): Summary {
  const layer = "final_training_ops";
  const variables = { [`${layer}/weights/summaries`]: weights.data, [`${layer}/biases/summaries`]: biases.data };
  const described = Object.entries(variables).map(([scope, data]) => ({ scope, data, numbers: describe(data) }));
  return {
    scalars: {
      ...Object.fromEntries(
        described.flatMap(({ scope, numbers: { mean, deviation, largest, smallest } }) => [
          [`${scope}/mean`, mean],
          // Scope and value have one name there, so that the value got a number.
          [`${scope}/stddev_1`, deviation],
          [`${scope}/max`, largest],
          [`${scope}/min`, smallest],
        ]),
      ),
      cross_entropy_1: crossEntropy,
      accuracy_1: accuracyOf(logits, classes),
    },
    histograms: {
      ...Object.fromEntries(described.map(({ scope, data }) => [`${scope}/histogram`, histogramOf(data)])),
      [`${layer}/Wx_plus_b/pre_activations`]: histogramOf(logits),
      activations: histogramOf(probabilitiesOf(logits, classes.length)),
    },
  };
}

function describe(values: Float32Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  let [largest, smallest] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const value of values) [largest, smallest] = [Math.max(largest, value), Math.min(smallest, value)];
  return { mean, deviation, largest, smallest };
}

function rowsOf(logits: Float32Array, examples: number): Float32Array[] {
  const width = logits.length / examples;
  return Array.from({ length: examples }, (_, row) => logits.subarray(row * width, (row + 1) * width));
}

function probabilitiesOf(logits: Float32Array, examples: number): number[] {
  return rowsOf(logits, examples).flatMap((row) => Array.from(softmax(row)));
}

/** The class that each example is told. */
export function toldClasses(logits: Float32Array, examples: number): number[] {
  return rowsOf(logits, examples).map((row) => argMax(row));
}

/** Share of examples that are told right; NaN without any. */
export function accuracyOf(logits: Float32Array, classes: Int32Array): number {
  return toldClasses(logits, classes.length).filter((told, row) => told === classes[row]).length / classes.length;
}
