import { counted, type ProgressListener } from "../../core/index.ts";
import { exitCodes } from "../command.ts";
import { type Interrupt, listenForInterrupt } from "../interrupt.ts";
import { quoted } from "../../report/index.ts";
import { createProgressLine, type ProgressLine, silentProgress } from "../../report/progress.node.ts";

/**
 * Runs long work of a dataset command: a progress line on the terminal, which makes way for what is said, and Ctrl-C as an abort signal.
 * @param stopping what is said at Ctrl-C
 */
export async function withProgress<T>(
  work: (onProgress: ProgressListener, signal: AbortSignal, say: (sentence: string) => void) => Promise<T>,
  stopping = "stopping: what is done is kept, the same command goes on from there",
): Promise<T> {
  const { stderr } = process;
  let line = silentProgress;
  let stage = "";
  using interrupt = listenForInterrupt(() => line.clear(), stopping);
  const onProgress: ProgressListener = (update) => {
    if (!stderr.isTTY) return;
    // Each stage has a rate of its own.
    if (update.stage !== stage) line = createProgressLine({ write: (text) => stderr.write(text), width: stderr.columns });
    stage = update.stage;
    line.update(update);
  };
  const say = (sentence: string): void => {
    line.clear();
    stderr.write(`${sentence}\n`);
  };
  try {
    return await work(onProgress, interrupt.stopping, say);
  } finally {
    line.clear();
  }
}

/**
 * Ctrl-C during work that labelled faces go through by batches: one sentence says what becomes of it.
 * @param keptIn the file of predictions, from which the same command goes on
 */
export function stopAfterBatch(progress: ProgressLine, keptIn: string | undefined): Interrupt {
  const kept =
    keptIn === undefined ? "nothing is kept without --predictions" : `${keptIn} keeps what is done, and the same command goes on from it`;
  return listenForInterrupt(() => progress.clear(), `stopping after this batch (Ctrl-C again stops at once); ${kept}`);
}

/** A folder that is not there gives one line for each of its faces: after this many the rest is counted. */
const shownFailures = 20;

/** Says which pictures could not be read; a command of which some inputs failed ends with its own code. */
export function reportFailures(
  failed: readonly { readonly id: string; readonly message: string }[],
  stderr: { write(text: string): unknown },
): void {
  for (const { id, message } of failed.slice(0, shownFailures)) stderr.write(`${id}: ${message}\n`);
  const hidden = failed.length - shownFailures;
  if (hidden > 0) stderr.write(`... and ${counted(hidden, "more picture")} could not be read\n`);
  if (failed.length > 0) process.exitCode ??= exitCodes.failed;
}

/** Says which command comes next, as a shell takes it; on stderr, so that results stay results. */
export function sayNext(words: readonly string[]): void {
  process.stderr.write(`next: ${["tensorface", ...words].map(quoted).join(" ")}\n`);
}
