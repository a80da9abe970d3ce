import { copyFile, lstat, mkdir, rm, stat, truncate } from "node:fs/promises";
import { dirname } from "node:path";
import { isTensorFaceError, TensorFaceError } from "../core/index.ts";
import { lockFile } from "../files/file-lock.node.ts";
import { errnoOf, pathKind, type PartOptions, writeFailure } from "../files/files.node.ts";
import {
  type EarlierResults,
  otherResults,
  type ReadEarlierOptions,
  type ResumableFormat,
  resumableFormats,
  readEarlierResults,
} from "./earlier-results.ts";
import type { OutcomeFormat } from "./format/outcome-writer.ts";
import { type InputItem, realPathOf } from "./inputs.ts";
import { differentMaking, type Making, readMaking, removeMaking, writeMaking } from "./making.ts";
import { createFileSink, partOf, type TextSink } from "../files/output.node.ts";

/** A file of results that is open, behind what an earlier run has written. */
export interface OpenResults extends AsyncDisposable {
  readonly sink: TextSink;
  /** Undefined where there is nothing to go on from. */
  readonly earlier: EarlierResults | undefined;
}

export interface OpenResultsOptions extends Omit<ReadEarlierOptions, "format"> {
  readonly format: OutcomeFormat;
  readonly resume: boolean;
  /** What this run makes them with. */
  readonly making: Making;
  /** Is told, as a sentence, what a user should know of the results before. */
  readonly onNote: (note: string) => void;
  /** Opens the file; tests give a disk that fills up. */
  readonly open?: PartOptions["open"];
}

/**
 * Opens the file for results, for this process alone.
 * @throws {TF_OUTPUT_UNFINISHED} when an earlier run has left a part of it, and nobody asked to go on from there
 * @throws {TF_INVALID_ARGUMENT} when they were made with other models or options
 * @throws {TF_FOLDER_BUSY} when another process is writing it
 * @throws the codes of {@link readEarlierResults} and {@link createFileSink}
 */
export async function openResults(out: string, { resume, open, ...options }: OpenResultsOptions): Promise<OpenResults> {
  await mkdir(dirname(out), { recursive: true }).catch((error: unknown) => {
    throw writeFailure(error, out);
  });
  // A name that no disk takes is told before the work, not after it.
  const found = await lstat(out).catch((error: unknown) => {
    if (errnoOf(error) !== "ENOENT") throw writeFailure(error, out);
    return undefined;
  });
  // A link stays: the results go where it leads.
  const path = found?.isSymbolicLink() === true ? await realPathOf(out) : out;
  const lock = await lockFile(path);
  try {
    const earlier = await findEarlier(path, resume, options);
    const written = await createFileSink(path, { append: earlier !== undefined, open });
    const sink = formatThatResumes(options.format) === undefined ? written : await withMaking(written, path, options.making);
    return { sink, earlier, [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose]() };
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

const formatThatResumes = (format: OutcomeFormat): ResumableFormat | undefined => resumableFormats.find((name) => name === format);

/**
 * A sink whose results have beside them what they were made with: first beside the part, then beside the file that it becomes. A part always
 * has it before its first result, and what no part belongs to any more says nothing.
 */
async function withMaking(sink: TextSink, path: string, making: Making): Promise<TextSink> {
  const part = partOf(path);
  try {
    await writeMaking(part, making);
  } catch (error) {
    await sink.leave();
    throw error;
  }
  return {
    write: (text) => sink.write(text),
    async finish() {
      // Before the file: were it written after, a process killed between the two would leave the earlier results' beside these. Its length
      // keeps it from being taken for theirs.
      await writeMaking(path, making, (await stat(part)).size);
      await sink.finish();
      await removeMaking(part);
    },
    async leave() {
      const kept = await sink.leave();
      if (kept === undefined) await removeMaking(part);
      return kept;
    },
  };
}

async function findEarlier(
  out: string,
  resume: boolean,
  { format, making, onNote, ...options }: Omit<OpenResultsOptions, "resume" | "open">,
): Promise<EarlierResults | undefined> {
  const part = partOf(out);
  const hasPart = await holdsSomething(part);
  const resumable = formatThatResumes(format);
  if (!resume) {
    if (!hasPart) return undefined;
    const options = resumable === undefined ? { hint: "Keep it under another name, or remove it, to begin anew." } : {};
    throw new TensorFaceError("TF_OUTPUT_UNFINISHED", `"${part}" holds the results of an earlier run that did not end`, options);
  }
  if (resumable === undefined) return undefined;
  // A run that was stopped by Ctrl-C has given its results their name.
  if (!hasPart && !(await holdsSomething(out))) return undefined;
  const path = hasPart ? part : out;
  const earlier = await readEarlierResults(path, { format: resumable, ...options });
  if (earlier.length > 0) await requireSameMaking(path, making, onNote);
  await keepPart(part, hasPart ? undefined : out, earlier.length);
  return earlier.length === 0 ? undefined : earlier;
}

/** @throws {TF_INVALID_ARGUMENT} when the results were made with other models or options */
async function requireSameMaking(path: string, making: Making, onNote: (note: string) => void): Promise<void> {
  const before = await readMaking(path);
  if (before === undefined)
    onNote(`nothing tells with which models the results in "${path}" were made: if with others, they stand beside new ones`);
  const difference = before === undefined ? undefined : differentMaking(before, making);
  if (difference !== undefined) throw otherResults(path, difference);
}

/**
 * Cuts off what a killed process or a full disk left half written.
 * @param from finished results to go on from: whoever reads them goes on doing so
 */
async function keepPart(part: string, from: string | undefined, length: number): Promise<void> {
  try {
    if (from !== undefined) await copyFile(from, part);
    await truncate(part, length);
  } catch (error) {
    if (from !== undefined) await rm(part, { force: true });
    throw writeFailure(error, part);
  }
}

async function holdsSomething(path: string): Promise<boolean> {
  return (await pathKind(path)) === "file" && (await stat(path)).size > 0;
}

/**
 * The items that an earlier run has no result for.
 * @param nameOf what the file of results calls a source
 * @param onSkip told of each item that is passed over
 */
export async function* remainingItems(
  items: AsyncIterable<InputItem>,
  { sources }: EarlierResults,
  { nameOf, onSkip }: { readonly nameOf: (source: string) => string; readonly onSkip: (item: InputItem) => void },
): AsyncGenerator<InputItem, void, undefined> {
  const left = new Map(sources);
  for await (const item of items) {
    const name = nameOf(item.source);
    const count = left.get(name) ?? 0;
    if (count === 0) yield item;
    else {
      left.set(name, count - 1);
      onSkip(item);
    }
  }
}

/** A failure that ended a run, with where its results are. */
export function withKeptResults(error: unknown, kept: string | undefined, format: OutcomeFormat): unknown {
  if (kept === undefined || !isTensorFaceError(error) || error.hint.includes(kept)) return error;
  const first = error.code === "TF_OUTPUT_FULL" ? "Free some space on the disk." : error.hint;
  const next = resumableFormats.some((name) => name === format) ? ", and the same command with --resume goes on from there." : ".";
  return new TensorFaceError(error.code, error.message, { cause: error, hint: `${first} The results so far are in "${kept}"${next}` });
}
