import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { TensorFaceError } from "../../core/index.ts";
import { pathKind, readRegularFile, readTextFile, sortedNames, writeFailure, writeInLockedFolder } from "../../files/files.node.ts";
import type { EpochEvent, LoopState, StepEvent, TrainingEvent } from "./loop.ts";
import { decodeRecords, encodeFileVersion, encodeScalars, type EventRecord } from "./tensorboard.ts";
import { trainingFiles } from "./training-folder.node.ts";

/**
 * The two logs of a training: `metrics.jsonl`, one object a line, and TensorBoard's event files. Both only grow; a resumed
 * training first takes away what was logged after its checkpoint, so that a curve never has two values at one step.
 */

const numbers = z.record(z.string(), z.number().nullable());

const stepLineSchema = z.object({
  kind: z.literal("step"),
  step: z.int(),
  epoch: z.int(),
  learningRate: z.number(),
  loss: z.number(),
  losses: numbers,
  /** Null where it overflowed: JSON has no infinity. */
  gradientNorm: z.number().nullable(),
});
const epochLineSchema = z.object({
  kind: z.literal("epoch"),
  step: z.int(),
  epoch: z.int(),
  learningRate: z.number(),
  loss: z.number(),
  losses: numbers,
  validation: z.object({ metrics: numbers, score: z.number().nullable(), isBest: z.boolean() }).optional(),
  timing: z.object({
    trainSeconds: z.number(),
    trainCpuSeconds: z.number(),
    validationSeconds: z.number(),
    picturesPerSecond: z.number(),
    waitingShare: z.number(),
    augmentationShare: z.number(),
  }),
});
const lineSchema = z.discriminatedUnion("kind", [stepLineSchema, epochLineSchema]);

export type StepLine = z.output<typeof stepLineSchema>;
export type EpochLine = z.output<typeof epochLineSchema>;
export type MetricsLine = StepLine | EpochLine;

/** Bytes: what one text can hold. */
const largestLog = 1 << 29;

/**
 * The lines of `metrics.jsonl` in a training's folder; none where there is no such file.
 * @throws {TF_INPUT_UNREADABLE} when it cannot be read, or a line is damaged
 */
export async function readMetrics(folder: string): Promise<MetricsLine[]> {
  const path = join(folder, trainingFiles.metrics);
  const text = (await pathKind(path)) === "none" ? "" : await readTextFile(path, largestLog);
  // The last line of a killed process may be cut off: what has no line break was not wholly written.
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line, index) => parseLine(line, path, index + 1));
}

function parseLine(line: string, path: string, number: number): MetricsLine {
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new TensorFaceError("TF_INPUT_UNREADABLE", `line ${number} of "${path}" is no line of a training's log`, {
      cause,
      hint: "Take the line away, or move the file: the log only draws curves, and last.safetensors has all that --resume needs.",
    });
  }
}

export interface RunLog {
  /** Logs an event; what it returns is on its way to the file, not yet on the disk. */
  write(event: TrainingEvent): Promise<void>;
}

/** An event file of a training; the number is the second that it was begun in. */
const eventFilePattern = /^events\.out\.tfevents\.(\d+)\.tensorface$/;

/**
 * Opens the logs of a training in `folder`.
 * @param state where the training goes on; lines and records of what comes after it are taken away
 * @throws {TF_INPUT_UNREADABLE} when a log of the training cannot be read
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE}
 */
export async function openRunLog(folder: string, state: LoopState, clock: () => number = Date.now): Promise<RunLog> {
  const metrics = join(folder, trainingFiles.metrics);
  const kept = (await readMetrics(folder)).filter((line) => (line.kind === "step" ? line.step <= state.step : line.epoch <= state.epoch));
  const earlier = (await sortedNames(folder)).map(({ name }) => name).filter((name) => eventFilePattern.test(name));
  for (const name of earlier) await keepRecordsUntil(join(folder, name), state, kept);
  // Readers take the files in the order of their names, whatever the clock did meanwhile.
  const seconds = Math.max(Math.floor(clock() / 1000), ...earlier.map((name) => Number(eventFilePattern.exec(name)![1]) + 1));
  const events = join(folder, `events.out.tfevents.${seconds}.tensorface`);
  try {
    await writeInLockedFolder(metrics, kept.map((line) => `${JSON.stringify(line)}\n`).join(""));
    await writeFile(events, encodeFileVersion(clock() / 1000));
  } catch (error) {
    throw writeFailure(error, folder);
  }
  return {
    async write(event) {
      try {
        await appendFile(metrics, `${JSON.stringify(event.kind === "step" ? stepLine(event) : epochLine(event))}\n`);
        await appendFile(events, encodeScalars(clock() / 1000, event.state.step, scalars(event)));
      } catch (error) {
        throw writeFailure(error, folder);
      }
    },
  };
}

/** Takes away what an event file tells of later than `state`, as it was from `lines`. A damaged file is left to whoever damaged it. */
async function keepRecordsUntil(path: string, { step: last }: LoopState, lines: readonly MetricsLine[]): Promise<void> {
  const bytes = await readRegularFile(path, { maxBytes: largestLog });
  const epochEnds = new Set(lines.flatMap((line) => (line.kind === "epoch" ? [line.step] : [])));
  // An epoch ends at its last step, and a checkpoint of that step may be older than the end.
  const isKept = ({ step, tag }: EventRecord): boolean => (tag?.startsWith("epoch/") === true ? epochEnds.has(step) : step <= last);
  const kept = Buffer.concat((decodeRecords(bytes)?.filter(isKept) ?? [{ bytes }]).map((record) => record.bytes));
  if (kept.length < bytes.length) await writeInLockedFolder(path, kept);
}

/** JSON has no NaN: a loss without a label is null. */
function finite(values: Readonly<Record<string, number>>): Record<string, number | null> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number.isFinite(value) ? value : null]));
}

function stepLine({ state, learningRate, loss, losses, gradientNorm }: StepEvent): StepLine {
  // The state is that after the step: an epoch whose last batch is done is still under way.
  const norm = Number.isFinite(gradientNorm) ? gradientNorm : null;
  return { kind: "step", step: state.step, epoch: state.epoch + 1, learningRate, loss, losses: finite(losses), gradientNorm: norm };
}

function epochLine({ state, epoch, learningRate, loss, losses, validation, timing }: EpochEvent): EpochLine {
  const line = { kind: "epoch", step: state.step, epoch, learningRate, loss, losses: finite(losses), timing } as const;
  if (validation === undefined) return line;
  const { metrics, score, isBest } = validation;
  return { ...line, validation: { metrics: finite(metrics), score: Number.isFinite(score) ? score : null, isBest } };
}

function scalars(event: TrainingEvent): Record<string, number> {
  const { losses, loss, learningRate } = event;
  const prefix = event.kind === "step" ? "step" : "epoch";
  const result: Record<string, number> = { [`${prefix}/loss`]: loss, [`${prefix}/learning rate`]: learningRate };
  for (const [name, value] of Object.entries(losses)) if (Number.isFinite(value)) result[`${prefix}/loss ${name}`] = value;
  if (event.kind === "step") result["step/gradient norm"] = event.gradientNorm;
  else for (const [name, value] of Object.entries(event.validation?.metrics ?? {})) result[`validation/${name}`] = value;
  return result;
}
