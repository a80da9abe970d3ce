import { type FileHandle, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { TensorFaceError } from "../../core/index.ts";
import type { Dataset } from "../dataset.node.ts";
import {
  hashFile,
  openRegularFile,
  pathKind,
  readNumberedLines,
  readTextFile,
  writeFailure,
  writeInLockedFolder,
} from "../../files/files.node.ts";
import { type FileLock, lockFile, lockFolder } from "../../files/file-lock.node.ts";
import { createRecordDigest, writeManifest } from "../manifest.node.ts";
import type { FaceRecord } from "../record.ts";
import { isRanked } from "../suspicion.node.ts";
import { reviewableTasks } from "../tasks.ts";
import { applyDecisions, countOutdated, type Decision, decisionSchema, standingDecisions } from "./decisions.ts";

/** Where a review writes by default, below the dataset's folder. */
export const decisionsFile = "decisions.jsonl";
/** The manifest after the decisions, below the dataset's folder. */
export const cleanManifestFile = "manifest.clean.jsonl";
/** What vouches for the cleaned manifest, below the dataset's folder. */
export const cleaningFile = "cleaning.json";

/** Which manifest the decisions were applied to, and what came out. */
export const cleaningSchema = z.strictObject({
  schema: z.literal("tensorface.cleaning/1"),
  /** SHA-256 of the records of the manifest. */
  recordsSha256: z.string(),
  /** SHA-256 of the bytes of the cleaned manifest. */
  cleanSha256: z.string(),
});

/** What `dataset apply` wrote of its work; undefined where that is not there or damaged. */
export async function readCleaning(path: string): Promise<z.infer<typeof cleaningSchema> | undefined> {
  try {
    return cleaningSchema.parse(JSON.parse(await readTextFile(path)));
  } catch {
    return undefined;
  }
}

/** What somebody changed in the cleaned manifest by hand is not written over. @throws {TF_DATASET_CONFLICT} */
async function refuseHandEdits(directory: string): Promise<void> {
  const path = join(directory, cleanManifestFile);
  if ((await pathKind(path)) !== "file") return;
  const applied = await readCleaning(join(directory, cleaningFile));
  if (applied === undefined || applied.cleanSha256 === (await hashFile(path))) return;
  throw new TensorFaceError("TF_DATASET_CONFLICT", `"${path}" has changed since the decisions were applied`, {
    hint: "Rename it to keep what was changed, or remove it with `tensorface dataset apply --undo`; then apply the decisions again.",
  });
}

function parseDecision(line: string): Decision | Error {
  try {
    return decisionSchema.parse(JSON.parse(line));
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/**
 * Reads a file of decisions. A last line that a killed process left half written is passed over.
 * @throws {TF_INPUT_NOT_FOUND | TF_INPUT_UNREADABLE} when it is not there or cannot be read
 * @throws {TF_DATASET_INVALID} when another line is no decision
 */
export async function readDecisions(path: string): Promise<Decision[]> {
  const decisions: Decision[] = [];
  let problem: LineProblem | undefined;
  for await (const { text, number } of readNumberedLines(path)) {
    if (problem !== undefined) throw noDecision(path, problem);
    const decision = parseDecision(text);
    if (decision instanceof Error) problem = { number, error: decision };
    else decisions.push(decision);
  }
  if (problem !== undefined && (await endsWithLine(path))) throw noDecision(path, problem);
  return decisions;
}

interface LineProblem {
  readonly number: number;
  readonly error: Error;
}

function noDecision(path: string, { number, error }: LineProblem): TensorFaceError {
  const what = error instanceof z.ZodError ? z.prettifyError(error) : "it is not JSON";
  return new TensorFaceError("TF_DATASET_INVALID", `"${path}" line ${number} is not a decision: ${what}`, {
    hint: "Correct or remove that line.",
  });
}

/** Whether the last line of a file was written whole. */
async function endsWithLine(path: string): Promise<boolean> {
  await using file = await openRegularFile(path);
  const last = Buffer.alloc(1);
  await file.handle.read(last, 0, 1, Math.max(0, file.size - 1));
  return last[0] === 10;
}

/** The file of decisions that a review of the dataset made. @throws {TF_INPUT_NOT_FOUND} when there was none */
export async function requireDecisions(directory: string): Promise<string> {
  const path = join(directory, decisionsFile);
  if ((await pathKind(path)) !== "none") return path;
  const before = (await isRanked(directory)) ? "" : `\`tensorface dataset clean ${directory}\`, which finds doubtful labels, and then `;
  throw new TensorFaceError("TF_INPUT_NOT_FOUND", `"${path}" does not exist: the labels were not reviewed`, {
    hint: `Run ${before}\`tensorface dataset review ${directory}\`; or name a file of decisions with --decisions.`,
  });
}

/** A file of decisions that is open for writing. */
export interface DecisionLog extends AsyncDisposable {
  readonly path: string;
  readonly decisions: readonly Decision[];
  /** Adds a decision. When it settles, the line is on the disk and survives a killed process and a power cut. */
  append(decision: Decision): Promise<void>;
}

/** Ends a half-written last line, so that the next decision stands on a line of its own. */
async function endTornLine(path: string): Promise<void> {
  // Not open for appending: Windows would not cut it.
  await using file = await open(path, "r+");
  const { size } = await file.stat();
  if (size === 0) return;
  const last = Buffer.alloc(1);
  await file.read(last, 0, 1, size - 1);
  if (last[0] === 10) return;
  const tail = Buffer.alloc(Math.min(size, 1 << 16));
  await file.read(tail, 0, tail.length, size - tail.length);
  const line = tail.subarray(tail.lastIndexOf(10) + 1);
  // Cut by its bytes: as text, half a letter at the end is longer than what stands there.
  if (parseDecision(line.toString("utf8")) instanceof Error) await file.truncate(size - line.length);
  else await file.write("\n", size);
}

/**
 * Opens a file of decisions, or begins one, for this process alone: another one would not show what is decided here.
 * @throws {TF_FOLDER_BUSY} when another process has it open
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE | TF_DATASET_INVALID}
 */
export async function openDecisionLog(path: string): Promise<DecisionLog> {
  const lock = await lockFile(path);
  try {
    return await openLockedLog(path, lock);
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

async function openLockedLog(path: string, lock: FileLock): Promise<DecisionLog> {
  const isNew = (await pathKind(path)) === "none";
  const decisions = isNew ? [] : await readDecisions(path);
  const openLog = async (): Promise<FileHandle> => {
    if (!isNew) await endTornLine(path);
    return open(path, "a");
  };
  const file = await openLog().catch((error: unknown) => {
    throw writeFailure(error, path);
  });
  // One write after the other: lines must not mix.
  let last: Promise<void> = Promise.resolve();
  /** Bytes that are known to be on the disk. */
  let length = (await file.stat()).size;
  let hasMore = false;
  /** What a full disk took half of, or did not confirm, is said not to be written, and is given again. */
  const cutOff = async (): Promise<void> => {
    // Not open for appending: Windows would not cut it.
    await using whole = await open(path, "r+");
    await whole.truncate(length);
    hasMore = false;
  };
  const write = async (decision: Decision): Promise<void> => {
    const line = Buffer.from(`${JSON.stringify(decision)}\n`);
    try {
      if (hasMore) await cutOff();
      hasMore = true;
      await file.appendFile(line);
      await file.sync();
    } catch (error) {
      await cutOff().catch(() => undefined);
      throw writeFailure(error, path);
    }
    hasMore = false;
    length += line.length;
    decisions.push(decision);
  };
  return {
    path,
    decisions,
    append(decision) {
      const written = last.then(() => write(decision));
      last = written.catch(() => undefined);
      return written;
    },
    async [Symbol.asyncDispose]() {
      await last;
      await file.close();
      await lock[Symbol.asyncDispose]();
    },
  };
}

export interface AppliedDecisions {
  readonly kept: number;
  readonly dropped: number;
  readonly relabelled: number;
  /** Decisions on faces that the manifest does not have, or on tasks that the dataset does not have. */
  readonly unknown: number;
  /** Decisions on labels that are others by now; they are not applied. */
  readonly outdated: number;
}

/**
 * Writes `manifest.clean.jsonl`, the manifest after the decisions, and `cleaning.json`, by which a manifest that changes later is
 * told. The manifest itself stays as it is: {@link removeCleanManifest} takes everything back.
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE}
 * @throws {TF_DATASET_CONFLICT} when somebody changed the cleaned manifest that is there
 * @throws {TF_DATASET_LABEL_UNKNOWN} when a decision names a label that its task does not have
 */
export async function writeCleanManifest(dataset: Dataset, decisions: readonly Decision[]): Promise<AppliedDecisions> {
  await using _lock = await lockFolder(dataset.directory);
  await refuseHandEdits(dataset.directory);
  const standing = standingDecisions(decisions);
  const seen = new Set<string>();
  const counts = { kept: 0, dropped: 0, relabelled: 0, outdated: 0 };
  const tasks = reviewableTasks(dataset.info.tasks);
  const digest = createRecordDigest();
  const cleaned = async function* (): AsyncGenerator<FaceRecord> {
    for await (const record of dataset.records()) {
      digest.add(record);
      seen.add(record.id);
      counts.outdated += countOutdated(standing, tasks, record);
      const changed = applyDecisions(record, standing, dataset.info.tasks);
      if (changed === undefined) {
        counts.dropped++;
        continue;
      }
      counts.kept++;
      if (changed !== record) counts.relabelled++;
      yield changed;
    }
  };
  // Whoever is killed between the two leaves a manifest that nothing vouches for, and none that looks changed by hand.
  const cleanSha256 = await writeManifest(join(dataset.directory, cleanManifestFile), cleaned(), () =>
    rm(join(dataset.directory, cleaningFile), { force: true }),
  );
  const cleaning: z.infer<typeof cleaningSchema> = {
    schema: "tensorface.cleaning/1",
    recordsSha256: digest.hex(),
    cleanSha256,
  };
  await writeInLockedFolder(join(dataset.directory, cleaningFile), `${JSON.stringify(cleaning, null, 2)}\n`);
  const unknown = [...standing.values()].filter(({ id, task }) => !seen.has(id) || !tasks.includes(task)).length;
  return { ...counts, unknown };
}

/** Takes the applied decisions back; nothing happens where there are none. */
export async function removeCleanManifest(dataset: Dataset): Promise<void> {
  await using _lock = await lockFolder(dataset.directory);
  for (const name of [cleanManifestFile, cleaningFile]) await rm(join(dataset.directory, name), { force: true });
}
