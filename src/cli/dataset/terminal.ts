import type { ProgressListener } from "../../core/index.ts";
import { listenForInterrupt } from "../interrupt.ts";
import { createProgressLine, silentProgress } from "../../report/progress.node.ts";

/**
 * Runs long work of a dataset command: a progress line on the terminal, and Ctrl-C as an abort signal.
 * @param stopping what is said at Ctrl-C
 */
export async function withProgress<T>(
  work: (onProgress: ProgressListener, signal: AbortSignal) => Promise<T>,
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
  try {
    return await work(onProgress, interrupt.stopping);
  } finally {
    line.clear();
  }
}

/** A word as a shell would need it. */
export function quoted(word: string): string {
  return /^[\w./:=,@+-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** Says which command comes next, as a shell takes it; on stderr, so that results stay results. */
export function sayNext(words: readonly string[]): void {
  process.stderr.write(`next: ${["tensorface", ...words].map(quoted).join(" ")}\n`);
}
