import { join } from "node:path";
import { createNodeRuntime } from "../../runtime/runtime.node.ts";
import type { TrainingConfig } from "../../train/index.ts";
import { readConfig } from "../../train/run/config-file.node.ts";
import { batchesPerEpoch, type EpochEvent, type TrainingEvent } from "../../train/run/index.ts";
import { createOnnxEngine } from "../../train/step/index.ts";
import { train, type TrainingStart, type TrainResult } from "../../train/run/train.node.ts";
import { writeTrainingReport } from "../../train/run/training-report.node.ts";
import { type Command, defineCommand, numberFlag, usageError } from "../command.ts";
import { listenForInterrupt } from "../interrupt.ts";
import { createProgressLine, describeDuration, type ProgressLine } from "../../report/progress.node.ts";

/** The command `tensorface train`. */
export const trainCommand: Command = defineCommand({
  meta: { name: "train", description: "Train a network from a configuration file." },
  args: {
    config: {
      type: "positional",
      required: false,
      description: "a TypeScript, JavaScript or JSON file with the configuration, or the name of a recipe",
    },
    out: { type: "string", description: "folder of the training (default .runs/NAME)", valueHint: "DIR" },
    resume: { type: "boolean", default: false, description: "go on from the last checkpoint in the folder" },
    set: { type: "string", description: "change fields: epochs=12,schedule.peak=0.002", valueHint: "FIELD=VALUE,..." },
    device: { type: "string", description: "where to compute (default: the first that works)", valueHint: "NAME" },
    threads: { type: "string", description: "threads inside one operation (default: all physical cores)", valueHint: "N" },
    workers: { type: "string", description: "threads that augment pictures (default 1)", valueHint: "N" },
    cache: { type: "string", description: "folder of decoded pictures (default .cache/pictures)", valueHint: "DIR" },
  },
  help: {
    operands: "CONFIG",
    examples: [
      ["tensorface train fer2013-small", "trains, and leaves everything in .runs/fer2013-small"],
      ["tensorface train fer2013-small --resume", "goes on after Ctrl-C or a crash, exactly where it stood"],
      ["tensorface train mood-first --set epochs=12 --out .runs/short", "the same recipe with another number of epochs"],
    ],
    notes: [
      "Ctrl-C finishes the step under way, writes a checkpoint and ends with code 130; a third Ctrl-C kills the process.",
      "docs/reference/training.md explains every field of the configuration.",
    ],
  },
  run: async ({ args }) => {
    if (args.config === undefined) throw usageError("train needs a CONFIG file");
    const config = await readConfig(args.config, args.set);
    const out = args.out ?? join(".runs", config.name);
    process.stderr.write(`${JSON.stringify(config)}\n`);
    using interrupt = listenForInterrupt(() =>
      process.stderr.write("\nstopping after this step; a third Ctrl-C ends at once, with the last checkpoint of before\n"),
    );
    const display = createDisplay(config);
    const load = { device: args.device, threads: count("threads", args.threads) };
    const runtime = createNodeRuntime();
    const result = await train({
      config,
      out,
      engine: createOnnxEngine(runtime, load),
      runtime,
      load,
      resume: args.resume,
      cache: args.cache,
      workers: count("workers", args.workers),
      signal: interrupt.stopping,
      ...display,
    });
    await writeTrainingReport(out);
    display.clear();
    process.stdout.write(summary(result, out));
  },
});

function count(name: string, text: string | undefined): number | undefined {
  return numberFlag(name, text, { min: 1, max: 256, whole: true });
}

interface Display {
  readonly onStart: (start: TrainingStart) => void;
  readonly onEvent: (event: TrainingEvent) => void;
  readonly onProgress: ProgressLine["update"];
  readonly clear: () => void;
}

/** On a terminal one line that changes, and a line an epoch; elsewhere the epochs' lines and a sign of life each minute. */
function createDisplay(config: TrainingConfig): Display {
  const isTerminal = process.stderr.isTTY;
  const line = isTerminal ? createProgressLine({ write: (text) => process.stderr.write(text), width: process.stderr.columns }) : undefined;
  const say = (text: string): void => {
    line?.clear();
    process.stderr.write(`${text}\n`);
  };
  let start = { time: performance.now(), step: 0, steps: 0 };
  let saidAt = performance.now();
  return {
    onStart: (started) => {
      const steps = batchesPerEpoch(config, started.trainCount) * config.epochs;
      start = { time: performance.now(), step: started.state.step, steps };
      say(describeStart(config, started));
    },
    onEvent: (event) => {
      const { step, epoch } = event.state;
      const elapsed = (performance.now() - start.time) / 1000;
      const secondsLeft = (elapsed / Math.max(1, step - start.step)) * (start.steps - step);
      const rate = ((step - start.step) * config.batchSize) / elapsed;
      const pace = `step ${step} of ${start.steps}, ${rate.toFixed(0)} pictures/s, ${describeDuration(secondsLeft)} left`;
      if (event.kind === "epoch") say(`${describeEpoch(config, event)}; ${pace}`);
      else if (line !== undefined)
        line.update({ stage: `epoch ${epoch + 1}`, done: step, total: start.steps }, `loss ${event.loss.toFixed(3)}`);
      else if (performance.now() - saidAt > 60_000) say(`epoch ${epoch + 1}: ${pace}, loss ${event.loss.toFixed(3)}`);
      else return;
      saidAt = performance.now();
    },
    onProgress: (update) => {
      if (line !== undefined) line.update(update);
      else if (update.done === update.total) say(`${update.stage}: ${update.done}`);
    },
    clear: () => line?.clear(),
  };
}

function describeStart(
  config: TrainingConfig,
  { trainCount, validationCount, cleaning, uncleaned, parameterCount, multiplyAccumulates, state }: TrainingStart,
): string {
  const size = `${(parameterCount / 1e6).toFixed(2)} M parameters, ${(multiplyAccumulates / 1e6).toFixed(1)} M multiply-accumulates a picture`;
  const { dropped, relabelled } = cleaning;
  const cleaned = dropped + relabelled > 0 ? `, after decisions that dropped ${dropped} and relabelled ${relabelled}` : "";
  const data = `${trainCount} pictures to train on, ${validationCount} to validate with${cleaned}`;
  const asImported = uncleaned.length === 0 ? "" : `; labels as imported in ${uncleaned.join(", ")}: no decisions are applied there`;
  return `${config.name}: ${size}; ${data}${asImported}${state.step > 0 ? `; going on after step ${state.step}` : ""}`;
}

function describeEpoch(config: TrainingConfig, { epoch, loss, validation, timing }: EpochEvent): string {
  const metrics = Object.entries(validation?.metrics ?? {})
    .filter(([name]) => !name.endsWith(".count"))
    .map(([name, value]) => `${name} ${describeMetric(name, value)}`);
  const best = validation?.isBest === true ? " (best)" : "";
  const waiting = `waited ${(100 * timing.waitingShare).toFixed(1)} %`;
  return `epoch ${epoch} of ${config.epochs}: loss ${loss.toFixed(4)}${metrics.length > 0 ? `, ${metrics.join(", ")}` : ""}${best}; ${waiting}`;
}

function describeMetric(name: string, value: number): string {
  if (!name.endsWith("Error")) return `${(100 * value).toFixed(2)} %`;
  return name.startsWith("age.") ? `${value.toFixed(2)} years` : value.toPrecision(3);
}

function summary({ state, isDone }: TrainResult, out: string): string {
  const { step, epoch, best } = state;
  return `${JSON.stringify({ schema: "tensorface.training/1", out, isDone, steps: step, epochs: epoch, best: best ?? null })}\n`;
}
