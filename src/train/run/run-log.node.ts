import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { TensorFaceError } from "../../core/index.ts";
import { pathKind, readTextFile, writeFailure, writeInLockedFolder } from "../../files/files.node.ts";
import type { EpochEvent, LoopState, StepEvent, TrainingEvent } from "./loop.ts";
import { encodeFileVersion, encodeScalars } from "./tensorboard.ts";
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

/**
 * Opens the logs of a training in `folder`.
 * @param state where the training goes on; lines of what comes after it are taken away
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE}
 */
export async function openRunLog(folder: string, state: LoopState, clock: () => number = Date.now): Promise<RunLog> {
  const metrics = join(folder, trainingFiles.metrics);
  const kept = (await readMetrics(folder)).filter((line) => (line.kind === "step" ? line.step <= state.step : line.epoch <= state.epoch));
  const events = join(folder, `events.out.tfevents.${Math.floor(clock() / 1000)}.tensorface`);
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
