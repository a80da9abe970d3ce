import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { createAtomicWriter, readLines } from "../../files/files.node.ts";

export interface KeyedLine {
  readonly key: string;
  /** One line of text, without a tab or a line break. */
  readonly line: string;
}

export interface ExternalSortOptions {
  /** Folder for the runs; made and removed. */
  readonly folder: string;
  /** Lines that are held in memory at once. @default 100_000 */
  readonly runLength?: number;
}

const defaultRunLength = 100_000;

function compareKeys(a: KeyedLine, b: KeyedLine): number {
  return a.key < b.key ? -1 : Number(a.key > b.key);
}

async function writeRun(path: string, lines: KeyedLine[]): Promise<void> {
  const writer = await createAtomicWriter(path);
  for (const { key, line } of lines.sort(compareKeys)) await writer.write(`${JSON.stringify(key)}\t${line}\n`);
  await writer.commit();
}

async function* readRun(path: string): AsyncGenerator<KeyedLine> {
  for await (const text of readLines(path)) {
    const tab = text.indexOf("\t");
    yield { key: z.string().parse(JSON.parse(text.slice(0, tab))), line: text.slice(tab + 1) };
  }
}

/** Merges sorted runs; among equal keys the earlier run comes first, so the whole sort is stable. */
async function* mergeRuns(paths: readonly string[]): AsyncGenerator<KeyedLine> {
  const runs = paths.map(readRun);
  try {
    const heads = await Promise.all(runs.map((run) => run.next()));
    for (;;) {
      let least = -1;
      for (const [index, head] of heads.entries()) {
        if (head.done === true) continue;
        const best = least < 0 ? undefined : heads[least];
        if (best === undefined || best.done === true || compareKeys(head.value, best.value) < 0) least = index;
      }
      const head = heads[least];
      if (head === undefined || head.done === true) return;
      yield head.value;
      heads[least] = await runs[least]!.next();
    }
  } finally {
    // Whoever stops reading leaves no run open.
    await Promise.all(runs.map(async (run) => run.return(undefined)));
  }
}

/**
 * Sorts lines by key (by UTF-16 code unit, stably) in bounded memory: sorted runs on disk, merged at the end.
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE}
 */
export async function* sortLines(
  lines: AsyncIterable<KeyedLine>,
  { folder, runLength = defaultRunLength }: ExternalSortOptions,
): AsyncGenerator<KeyedLine> {
  await mkdir(folder, { recursive: true });
  const paths: string[] = [];
  let held: KeyedLine[] = [];
  const spill = async (): Promise<void> => {
    const path = join(folder, `run-${String(paths.length).padStart(6, "0")}.txt`);
    await writeRun(path, held);
    paths.push(path);
    held = [];
  };
  for await (const line of lines) {
    held.push(line);
    if (held.length >= runLength) await spill();
  }
  if (paths.length === 0) yield* held.sort(compareKeys);
  else {
    if (held.length > 0) await spill();
    yield* mergeRuns(paths);
  }
  await rm(folder, { recursive: true, force: true });
}
