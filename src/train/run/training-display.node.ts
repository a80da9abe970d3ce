import { counted } from "../../core/index.ts";
import { createProgressLine, describeDuration, type ProgressLine } from "../../report/progress.node.ts";
import type { TrainingConfig } from "../config.ts";
import { type EpochEvent, stepCount, type TrainingEvent } from "./loop.ts";
import { formatMetric } from "./training-charts.ts";
import type { TrainingStart } from "./train.node.ts";

/** What the training tells people while it runs. */
export interface TrainingDisplay {
  readonly onStart: (start: TrainingStart) => void;
  readonly onEvent: (event: TrainingEvent) => void;
  readonly onProgress: ProgressLine["update"];
  readonly clear: () => void;
}

/** On a terminal one line that changes, and a line an epoch; elsewhere the epochs' lines and a sign of life each minute. */
export function createTrainingDisplay(config: TrainingConfig, stderr: NodeJS.WriteStream): TrainingDisplay {
  const isTerminal = stderr.isTTY;
  const line = isTerminal ? createProgressLine({ write: (text) => stderr.write(text), width: stderr.columns }) : undefined;
  const say = (text: string): void => {
    line?.clear();
    stderr.write(`${text}\n`);
  };
  let start = { time: performance.now(), step: 0, steps: 0 };
  let saidAt = performance.now();
  return {
    onStart: (started) => {
      start = { time: performance.now(), step: started.state.step, steps: stepCount(config, started.trainCount) };
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
  { trainCount, validationCount, taught, cleaning, uncleaned, parameterCount, multiplyAccumulates, state }: TrainingStart,
): string {
  const size = `${(parameterCount / 1e6).toFixed(2)} M parameters, ${(multiplyAccumulates / 1e6).toFixed(1)} M multiply-accumulates a picture`;
  const { dropped, relabelled } = cleaning;
  const cleaned = dropped + relabelled > 0 ? `, after decisions that dropped ${dropped} and relabelled ${relabelled}` : "";
  const data = `${counted(trainCount, "picture")} to train on, ${validationCount} to validate with${cleaned}`;
  const partly = Object.entries(taught).filter(([, count]) => count < trainCount);
  const teaching = partly.length === 0 ? "" : `; ${partly.map(([name, count]) => `${count} teach ${name}`).join(", ")}`;
  const asImported = uncleaned.length === 0 ? "" : `; labels as imported in ${uncleaned.join(", ")}: no decisions are applied there`;
  return `${config.name}: ${size}; ${data}${teaching}${asImported}${state.step > 0 ? `; going on after step ${state.step}` : ""}`;
}

function describeEpoch(config: TrainingConfig, { epoch, loss, validation, timing }: EpochEvent): string {
  const metrics = Object.entries(validation?.metrics ?? {})
    .filter(([name]) => !name.endsWith(".count"))
    .map(([name, value]) => `${name} ${formatMetric(name, value)}`);
  const best = validation?.isBest === true ? " (best)" : "";
  const waiting = `waited ${(100 * timing.waitingShare).toFixed(1)} %`;
  return `epoch ${epoch} of ${config.epochs}: loss ${loss.toFixed(4)}${metrics.length > 0 ? `, ${metrics.join(", ")}` : ""}${best}; ${waiting}`;
}
