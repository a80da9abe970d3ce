import { readdir, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { counted, isTensorFaceError, type ProgressListener, throwIfAborted } from "../../core/index.ts";
import { hashFile, readFailure, sortedNames } from "../../files/files.node.ts";
import { openPlan, type OpenPlan, type PlannedShard } from "../plan/plan-file.ts";
import { readShardInputs } from "../plan/shard-inputs.ts";
import { openAttempts } from "./attempts.ts";
import { openLedger } from "./ledger.ts";
import { readTableLength } from "./read-table.ts";
import type { ShardStats } from "./stats.ts";

export interface VerifyOptions {
  /** Removes damaged results, so that the next worker makes them again; where nobody is at work, also what is unfinished. @default false */
  readonly drop?: boolean | undefined;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface VerifyResult {
  readonly shards: { readonly whole: number; readonly missing: number; readonly all: number };
  /** What is not as it was written, by file. */
  readonly damaged: readonly { readonly file: string; readonly why: string }[];
  /** Tables in the folder that are none of this plan's. */
  readonly foreign: readonly string[];
  /** What workers that were killed had begun to write. */
  readonly unfinished: readonly string[];
}

/**
 * Reads every result again and compares it with what was written, and every list of pictures with what was planned.
 * @throws {TF_INPUT_NOT_FOUND | TF_BULK_DAMAGED} where the plan itself is missing or damaged
 */
export async function verifyResults(path: string, { drop = false, onProgress, signal }: VerifyOptions = {}): Promise<VerifyResult> {
  const opened = await openPlan(path);
  const ledger = await openLedger(opened);
  const damaged: { file: string; why: string }[] = [];
  let whole = 0;
  for (const shard of opened.shards) {
    throwIfAborted(signal);
    const stats = ledger.done.get(shard.shard);
    const inputs = await problemOfInputs(opened, shard);
    if (inputs !== undefined) damaged.push({ file: opened.folder.inputs(shard.shard), why: inputs });
    if (stats !== undefined) {
      const why = await problemOf(opened, shard, stats);
      if (why === undefined) whole++;
      else {
        damaged.push({ file: opened.folder.result(shard), why });
        if (drop) await dropResult(opened, shard);
      }
    }
    onProgress?.({ stage: "verify", done: shard.shard + 1, total: opened.shards.length });
  }
  const unfinished = await unfinishedFiles(opened);
  if (drop) for (const path of unfinished) await rm(path, { force: true });
  return {
    shards: { whole, missing: opened.shards.length - ledger.done.size, all: opened.shards.length },
    damaged,
    foreign: await foreignTables(opened),
    unfinished,
  };
}

async function problemOfInputs(opened: OpenPlan, shard: PlannedShard): Promise<string | undefined> {
  try {
    await readShardInputs(opened, shard);
    return undefined;
  } catch (error) {
    if (isTensorFaceError(error)) return error.message;
    throw error;
  }
}

/** Why the table of a shard is not what was written; undefined where it is. */
export async function problemOf({ folder }: OpenPlan, shard: PlannedShard, stats: ShardStats): Promise<string | undefined> {
  const path = folder.result(shard);
  const { size } = await stat(path).catch((error: unknown) => {
    throw readFailure(error, path);
  });
  if (size !== stats.bytes) return `it has ${size} bytes, and was written with ${stats.bytes}`;
  if ((await hashFile(path)) !== stats.sha256) return "its bytes are others than those that were written";
  const rows = await readTableLength(path);
  if (rows !== shard.pictures || stats.pictures !== shard.pictures)
    return `it has ${counted(rows, "row")} for ${counted(shard.pictures, "picture")}`;
  return undefined;
}

/** The figures first: without them the table counts for nothing. */
async function dropResult({ folder }: OpenPlan, shard: PlannedShard): Promise<void> {
  await rm(folder.stats(shard.shard), { force: true });
  await rm(folder.result(shard), { force: true });
}

async function foreignTables({ folder, shards }: OpenPlan): Promise<string[]> {
  const own = new Set(shards.map((shard) => basename(folder.result(shard))));
  const names = await sortedNames(folder.path);
  return names.flatMap(({ name }) => (/^\d+-[\da-f]+\.parquet$/.test(name) && !own.has(name) ? [join(folder.path, name)] : []));
}

/** Those of a worker that lives look the same: while anybody is at work there are none. */
async function unfinishedFiles({ folder }: OpenPlan): Promise<string[]> {
  const names = (await readdir(folder.path)).filter((name) => /^\.\d+(?:-[\da-f]+\.parquet|_stats\.json)\..+\.part$/.test(name));
  if (names.length === 0 || (await (await openAttempts(folder)).underWay()).length > 0) return [];
  return names.toSorted().map((name) => join(folder.path, name));
}
