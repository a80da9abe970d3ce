import { basename, resolve } from "node:path";
import type { AnalysisOutcome, CsvTask, FaceAnalyzer } from "../../analyze/index.ts";
import { type ErrorReport, TensorFaceError } from "../../core/index.ts";
import { pathKind, type PartOptions, writeFileAtomically } from "../../files/files.node.ts";
import { outcomesOf } from "../analysis-run.ts";
import { isFailed } from "../format/writer.ts";
import type { InputItem, PictureItem } from "../inputs.ts";
import { ageGroupings } from "../age-groupings.ts";
import type { OpenPlan, PlannedShard } from "../plan/plan-file.ts";
import { type Entry, isRemote, sourceOf } from "../sources/entry.ts";
import type { Sources } from "../sources/open.ts";
import { readAhead } from "../sources/read-ahead.ts";
import type { ShardProgress } from "./messages.ts";
import { createParquetFile } from "./parquet.ts";
import { formatStats, type ShardStats } from "./stats.ts";
import { createOutcomeTable } from "./table.ts";

export interface ShardRun {
  readonly opened: OpenPlan;
  readonly analyzer: Pick<FaceAnalyzer<PictureItem["input"]>, "analyzeAll"> & { readonly tasks: readonly CsvTask[] };
  readonly sources: Sources;
  readonly base: string;
  readonly allowMissing: boolean;
  /** Called before each picture. */
  readonly onPicture?: ((entry: Entry) => void) | undefined;
  readonly onProgress: (progress: ShardProgress) => void;
  readonly now: AbortSignal;
  /** Tests give a disk that fills up. */
  readonly open?: PartOptions["open"];
}

/** So many pictures in a row that are not there are no failures of theirs: what they lie on is away. */
const awayAfter = 20;

/**
 * Looks at the pictures of a shard and writes its table, then what is known of it. Whoever else does the same at the same time writes
 * the same bytes.
 * @param culprits pictures that end the process, by their place in the shard
 * @throws {TF_INPUT_AWAY} when what the pictures lie on is not there
 * @throws {TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE | TF_BULK_DAMAGED}
 */
export async function writeShard(
  run: ShardRun,
  shard: PlannedShard,
  entries: readonly Entry[],
  culprits: ReadonlyMap<number, ErrorReport>,
): Promise<ShardStats> {
  const { folder, plan } = run.opened;
  const table = createOutcomeTable(run.analyzer.tasks, ageGroupings[plan.options.ageGroups]);
  const path = folder.result(shard);
  const notes = { tensorface: plan.versions["tensorface"] ?? "unknown", shard: shard.hash };
  const file = await createParquetFile(path, table.columns, { open: run.open, notes });
  const first = shard.shard * plan.shardSize;
  const progress = { pictures: 0, faces: 0, failed: {} as Record<string, number> };
  try {
    for await (const outcome of outcomesOfShard(run, entries, culprits)) {
      await file.write(table.row(first + progress.pictures, entries[progress.pictures]!, outcome));
      count(progress, outcome);
      run.onProgress(progress);
    }
  } catch (error) {
    await file.abandon();
    throw error;
  }
  const { bytes, sha256 } = await file.commit();
  const stats: ShardStats = {
    schema: "tensorface.bulk-shard/1",
    shard: shard.shard,
    hash: shard.hash,
    ...progress,
    file: basename(path),
    bytes,
    sha256,
  };
  // Last: its presence means done.
  await writeFileAtomically(folder.stats(shard.shard), formatStats(stats), { open: run.open });
  return stats;
}

/** Looks at pictures and writes nothing. @throws as {@link writeShard} */
export async function probeShard(run: ShardRun, entries: readonly Entry[]): Promise<void> {
  for await (const _ of outcomesOfShard(run, entries, new Map())) run.onProgress({ pictures: 0, faces: 0, failed: {} });
}

function count(progress: { pictures: number; faces: number; failed: Record<string, number> }, outcome: AnalysisOutcome): void {
  progress.pictures++;
  if (isFailed(outcome)) progress.failed[outcome.error.code] = (progress.failed[outcome.error.code] ?? 0) + 1;
  else progress.faces += outcome.faces.length;
}

async function* outcomesOfShard(
  run: ShardRun,
  entries: readonly Entry[],
  culprits: ReadonlyMap<number, ErrorReport>,
): AsyncGenerator<AnalysisOutcome> {
  const { sources, analyzer, now } = run;
  const open = async (entry: Entry, index: number): Promise<InputItem> => {
    const error = culprits.get(index);
    return error === undefined ? sources.open(entry, now) : { source: sourceOf(entry), error };
  };
  async function* items(): AsyncGenerator<InputItem, void, undefined> {
    let index = 0;
    for await (const item of readAhead(entries, open, sources.ahead)) {
      if (!culprits.has(index)) run.onPicture?.(entries[index]!);
      index++;
      yield item;
    }
  }
  let [index, missing] = [0, 0];
  for await (const { outcome } of outcomesOf({ items: items(), analyzer, stopping: now, now })) {
    missing = isMissing(outcome, entries[index]!) ? missing + 1 : 0;
    if (!run.allowMissing) await requireNear(run, missing);
    index++;
    yield outcome;
  }
  // An aborted analyzer ends without a word.
  if (index < entries.length) throw new TensorFaceError("TF_ABORTED", "the shard was given up");
}

function isMissing(outcome: AnalysisOutcome, entry: Entry): boolean {
  if (!isFailed(outcome)) return false;
  const { code } = outcome.error;
  // What a server says that it does not have is not there, and the server is.
  return code === "TF_INPUT_AWAY" || (code === "TF_INPUT_NOT_FOUND" && !isRemote(sourceOf(entry)));
}

/**
 * Tells what is away from what is missing. It names what was planned and no picture: a worker's log travels farther than its results.
 * @param missing pictures in a row that are not there
 * @throws {TF_INPUT_AWAY}
 */
async function requireNear(run: ShardRun, missing: number): Promise<void> {
  const root = missing === 1 ? await lostRoot(run) : undefined;
  if (root === undefined && missing < awayAfter) return;
  throw new TensorFaceError("TF_INPUT_AWAY", root === undefined ? `${missing} pictures in a row are not there` : `"${root}" is not there`, {
    hint: "Bring back the disk, folder or server that the pictures lie on, and run the same command again; --base DIR says where relative paths begin; --allow-missing takes them as failed pictures.",
  });
}

async function lostRoot({ opened: { plan }, base }: ShardRun): Promise<string | undefined> {
  for (const root of plan.roots) if (!isRemote(root) && (await pathKind(resolve(base, root))) === "none") return root;
  return undefined;
}
