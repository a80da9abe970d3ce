import type { DatasetInfo } from "../../datasets/index.ts";
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
  using interrupt = listenForInterrupt(() => {
    line.clear();
    stderr.write(`${stopping}\n`);
  });
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

/** `train 8, test 2`: what there is none of is not told. */
export function listCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}

/** What an import did, for people: rows = faces + rejections, and what they are. */
export function describeImport({ counts, title, licence }: DatasetInfo, out: string): string {
  const lines = [
    `${title} (licence: ${licence})`,
    `${counts.rows} rows = ${counts.faces} faces + ${counts.rejections} rejected${counts.rejections > 0 ? ` (${listCounts(counts.rejectionsByReason)})` : ""}`,
    `splits: ${listCounts(counts.bySplit)}`,
  ];
  for (const [task, byClass] of Object.entries(counts.byLabel)) {
    if (Object.keys(byClass).length > 0) lines.push(`${task}: ${listCounts(byClass)}`);
  }
  if (counts.faces === 0) lines.push("no picture is there: rejections.jsonl holds the table, each row with its labels");
  if (Object.keys(counts.notes).length > 0) lines.push(`mended: ${listCounts(counts.notes)}`);
  return `${lines.join("\n")}\nwritten to ${out}\n`;
}
