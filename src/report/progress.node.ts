import { estimateRemaining, type ProgressUpdate } from "../core/index.ts";

/** One line on a terminal that tells how far the work is, and makes way for what else is written. */
export interface ProgressLine {
  update(progress: ProgressUpdate, note?: string): void;
  /** Draws a line of one's own, for work that knows its rate better than this clock. What does not fit is cut off at its end. */
  show(line: string): void;
  /** Takes the line away; the next update draws it again. */
  clear(): void;
}

export interface ProgressLineOptions {
  readonly write: (text: string) => void;
  /** Milliseconds of a steady clock. @default performance.now */
  readonly now?: (() => number) | undefined;
  /** Characters in a line. @default 80 */
  readonly width?: number | undefined;
}

const redrawMs = 100;
const eraseLine = "\r\u001B[2K";

export function createProgressLine({ write, now = () => performance.now(), width = 80 }: ProgressLineOptions): ProgressLine {
  const start = now();
  let drawnAt = Number.NEGATIVE_INFINITY;
  let isShown = false;
  const draw = (line: (elapsedSeconds: number) => string, isLast: boolean): void => {
    const time = now();
    if (time - drawnAt < redrawMs && !isLast) return;
    drawnAt = time;
    isShown = true;
    write(eraseLine + line((time - start) / 1000).slice(0, width - 1));
  };
  return {
    update: (progress, note) => draw((seconds) => describeProgress(progress, seconds, note), progress.done === progress.total),
    show: (line) => draw(() => line, false),
    clear: () => {
      if (isShown) write(eraseLine);
      isShown = false;
      drawnAt = Number.NEGATIVE_INFINITY;
    },
  };
}

/** Nothing is drawn where nobody watches. */
export const silentProgress: ProgressLine = { update: () => {}, show: () => {}, clear: () => {} };

/** The line where standard error is a terminal. */
export function progressOn(stderr: NodeJS.WriteStream): ProgressLine {
  if (!stderr.isTTY) return silentProgress;
  return createProgressLine({ write: (text) => stderr.write(text), width: stderr.columns });
}

/** `analyze: 120 of 300, 14.2 a second, 13 s left`. */
export function describeProgress(progress: ProgressUpdate, elapsedSeconds: number, note?: string): string {
  const { rate, secondsLeft } = estimateRemaining(progress, elapsedSeconds);
  const parts = [`${progress.stage}: ${progress.done}${progress.total === undefined ? "" : ` of ${progress.total}`}`];
  if (rate > 0) parts.push(describeRate(rate));
  if (secondsLeft !== undefined) parts.push(`${describeDuration(secondsLeft)} left`);
  if (note !== undefined && note !== "") parts.push(note);
  return parts.join(", ");
}

export function describeRate(perSecond: number): string {
  return perSecond >= 1 ? `${perSecond.toFixed(1)} a second` : `${(perSecond * 60).toFixed(1)} a minute`;
}

/** Seconds for people: `8.3 s`, `42 s`, `3 min 05 s`, `2 h 10 min`. */
export function describeDuration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
}
