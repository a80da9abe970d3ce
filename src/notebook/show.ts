import { describeProgress } from "../report/progress.node.ts";
import { estimateRemaining, expectThat, type ProgressListener, type ProgressUpdate } from "../core/index.ts";
import { escapeHtml } from "../report/index.ts";
import { type Display, displayOf, htmlDisplay } from "./display.ts";
import { currentKernel, type Kernel } from "./kernel.ts";

/** What can be shown: what `picture`, `table` and their like give, before or after it is awaited, or plain text. */
export type Showable = Display | Promise<Display> | string;

/**
 * Shows things below the cell, in this order, and returns when they are there. Outside of a notebook it prints them as text.
 *
 * @example
 * await show(table(rows), chart(spec));
 * @throws {TF_INVALID_ARGUMENT} for what is none of these
 */
export async function show(...things: readonly Showable[]): Promise<void> {
  await showIn(currentKernel(), things);
}

export async function showIn(kernel: Kernel, things: readonly Showable[]): Promise<void> {
  for (const thing of things) await kernel.show((await displayed(thing)).forms);
}

async function displayed(thing: Showable): Promise<Display> {
  if (typeof thing === "string") return displayOf(thing);
  const display: Partial<Display> | null | undefined = await thing;
  const isDisplay = typeof display?.forms === "object" && display.forms !== null;
  expectThat(isDisplay, "what is shown must be a text, or what picture, table and their like give", display);
  return thing;
}

/** Something that is shown once and changes where it stands. */
export interface LiveDisplay {
  /** Shows another thing in its place, at once or, where many follow each other, the latest of them a moment later. */
  replace(thing: Showable): void;
  /** Waits until the last thing stands there. */
  end(): Promise<void>;
}

/** Milliseconds between two drawings at least: a notebook keeps each message. */
const redrawMs = 150;

/**
 * Shows a thing that will change: a chart of a training, for example.
 * @throws {TF_INVALID_ARGUMENT} when `first` is nothing that can be shown
 *
 * @example
 * const live = await showLive("nothing yet");
 * await retrainClassic(folder, { onLine: (line) => live.replace(line) });
 * await live.end();
 */
export function showLive(first: Showable): Promise<LiveDisplay> {
  return showLiveIn(currentKernel(), first);
}

export async function showLiveIn(kernel: Kernel, first: Showable, everyMs: number = redrawMs): Promise<LiveDisplay> {
  // A run of a cell of its own: under one id the last state would stand in the outputs of earlier runs too.
  const id = `tensorface-${crypto.randomUUID()}`;
  await kernel.show((await displayed(first)).forms, id);
  let next: Showable | undefined;
  let drawing: Promise<void> | undefined;
  const draw = async (): Promise<void> => {
    while (next !== undefined) {
      const thing = next;
      next = undefined;
      await kernel.replace((await displayed(thing)).forms, id);
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
    drawing = undefined;
  };
  return {
    replace: (thing) => {
      next = thing;
      // One whose place is taken before it is drawn is awaited by nobody, and its failure would end the program.
      if (thing instanceof Promise) thing.catch(() => undefined);
      drawing ??= draw();
      // Told by `end`, which awaits the same promise.
      drawing.catch(() => undefined);
    },
    end: async () => {
      await drawing;
    },
  };
}

/** A bar that moves. */
export interface ProgressDisplay {
  /** For the option `onProgress` of whatever takes long. */
  readonly update: ProgressListener;
  /** Waits until the last state stands there, and says how long it took. */
  end(): Promise<void>;
}

/**
 * Shows how far long work is, in one place that moves.
 * @throws {TF_INVALID_ARGUMENT} when `title` is no text
 *
 * @example
 * const progress = await showProgress("Learning");
 * await retrain(folder, { onProgress: progress.update });
 * await progress.end();
 */
export function showProgress(title: string): Promise<ProgressDisplay> {
  return showProgressIn(currentKernel(), title);
}

export async function showProgressIn(kernel: Kernel, title: string): Promise<ProgressDisplay> {
  expectThat(typeof title === "string", "title must be a text", title);
  const start = performance.now();
  const live = await showLiveIn(kernel, bar(title, "begins", 0));
  const seconds = (): number => (performance.now() - start) / 1000;
  return {
    update: (update) => live.replace(bar(title, describeProgress(update, seconds()), shareOf(update, seconds()))),
    end: async () => {
      live.replace(bar(title, `done in ${seconds().toFixed(1)} s`, 1));
      await live.end();
    },
  };
}

function shareOf(update: ProgressUpdate, elapsed: number): number {
  const { secondsLeft } = estimateRemaining(update, elapsed);
  return secondsLeft === undefined ? 0 : update.done / update.total!;
}

function bar(title: string, text: string, share: number): Display {
  const html = `<div>${escapeHtml(title)}: ${escapeHtml(text)}</div><div class="bar"><div style="width: ${(100 * share).toFixed(1)}%"></div></div>`;
  return htmlDisplay(`${title}: ${text}`, html);
}
