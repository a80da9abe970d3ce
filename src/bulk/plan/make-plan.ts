import { createHash } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { type ProgressListener, TensorFaceError, throwIfAborted } from "../../core/index.ts";
import { createAtomicWriter, makeFolder, pathKind, readFailure, sortedNames, writeFileAtomically } from "../../files/files.node.ts";
import { lockFile } from "../../files/file-lock.node.ts";
import { type Entry, formatEntry } from "../sources/entry.ts";
import { type BulkFolder, bulkFolder, type BulkOptions, type BulkPlan, hashOfShard, hashOfWork } from "./plan-file.ts";

/** Everything that decides on answers beside the pictures, found out once. */
export interface Recipe {
  readonly options: BulkOptions;
  readonly models: BulkPlan["models"];
  readonly versions: BulkPlan["versions"];
}

export interface MakePlanOptions {
  /** What was named, for people. */
  readonly inputs: readonly string[];
  readonly base: string;
  readonly roots: readonly string[];
  /** Pictures of a shard. @default 10000 */
  readonly shardSize?: number | undefined;
  /** Copies the models that are not installed everywhere into a folder, and tells what the work will be. */
  readonly prepare: (models: string) => Promise<Recipe>;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Pictures of a shard: six minutes of two cores. */
export const defaultShardSize = 10_000;

const pack = promisify(gzip);

/**
 * Cuts pictures into shards, in the order in which they come, and writes the plan. Only one shard's names are in memory at a time.
 * @param path a folder that is new, empty, or holds what an earlier plan left that did not end
 * @throws {TF_BULK_EXISTS} when the folder holds a plan, or something else
 * @throws {TF_INPUT_NOT_FOUND} when there is no picture
 * @throws {TF_FOLDER_BUSY | TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE | TF_ABORTED}
 */
export async function makePlan(path: string, entries: AsyncIterable<Entry>, options: MakePlanOptions): Promise<BulkPlan> {
  const made = await makeFolder(path);
  try {
    return await planInto(bulkFolder(path), entries, options);
  } catch (error) {
    // What was refused leaves no folder behind; of one that was begun the next plan removes what is in it.
    await made.undo();
    throw error;
  }
}

async function planInto(folder: BulkFolder, entries: AsyncIterable<Entry>, options: MakePlanOptions): Promise<BulkPlan> {
  const { inputs, base, roots, shardSize = defaultShardSize } = options;
  await using _lock = await lockFile(folder.plan);
  await requireRoom(folder);
  const recipe = await options.prepare(folder.models);
  const { shards, pictures, list } = await writeShards(folder, entries, hashOfWork(recipe), { ...options, shardSize });
  const plan: BulkPlan = {
    schema: "tensorface.bulk/1",
    inputs: [...inputs],
    base,
    roots: [...roots],
    pictures,
    shards,
    shardSize,
    list,
    ...recipe,
  };
  // The last file: without it the folder holds no plan.
  await writeFileAtomically(folder.plan, `${JSON.stringify(plan, undefined, 2)}\n`);
  return plan;
}

/** What a plan that did not end may leave: files of these names, and in folders nothing but files of these. */
const unfinished: Readonly<Record<string, RegExp | undefined>> = {
  inputs: /^\.?\d{5,}\.jsonl\.gz(?:\.[\w-]+\.part)?$/,
  models: /^\.?\d+-.+\.onnx(?:\.[\w-]+\.part)?$/,
  "shards.jsonl": undefined,
  "shards.jsonl.partial": undefined,
};

/** Makes room for the plan. What is not surely a plan's own may be somebody's pictures: it stays. */
async function requireRoom(folder: BulkFolder): Promise<void> {
  if ((await pathKind(folder.plan)) === "file")
    throw new TensorFaceError("TF_BULK_EXISTS", `"${folder.path}" holds a plan already`, {
      hint: `Go on with it: tensorface bulk work ${folder.path}. For other pictures, models or options choose another folder.`,
    });
  const found = await sortedNames(folder.path);
  for (const { name, isFolder } of found) {
    if (!(await isLeftOver(folder.path, name, isFolder)))
      throw new TensorFaceError("TF_BULK_EXISTS", `"${folder.path}" already holds "${name}"`);
  }
  for (const { name } of found) await rm(join(folder.path, name), { recursive: true, force: true });
}

async function isLeftOver(path: string, name: string, isFolder: boolean): Promise<boolean> {
  if (!Object.hasOwn(unfinished, name)) return false;
  const own = unfinished[name];
  if (own === undefined || !isFolder) return own === undefined && !isFolder;
  const entries = await readdir(join(path, name), { withFileTypes: true }).catch((error: unknown) => {
    throw readFailure(error, join(path, name));
  });
  return entries.every((entry) => entry.isFile() && own.test(entry.name));
}

interface ShardSettings extends Pick<MakePlanOptions, "inputs"> {
  readonly shardSize: number;
  readonly onProgress?: ProgressListener | undefined;
  readonly signal?: AbortSignal | undefined;
}

// oxlint-disable-next-line max-params -- where to, what, by which recipe, and how
async function writeShards(
  folder: BulkFolder,
  entries: AsyncIterable<Entry>,
  work: string,
  { inputs, shardSize, onProgress, signal }: ShardSettings,
): Promise<{ readonly shards: number; readonly pictures: number; readonly list: string }> {
  const list = await createAtomicWriter(folder.list);
  const listHash = createHash("sha256");
  let [shards, pictures] = [0, 0];
  let lines: string[] = [];
  const flush = async (): Promise<void> => {
    const text = Buffer.from(lines.map((line) => `${line}\n`).join(""));
    const line = `${JSON.stringify({ shard: shards, pictures: lines.length, hash: hashOfShard(work, text) })}\n`;
    // Its hash tells a half of it from the whole: it need not wait for the disk.
    await writeFileAtomically(folder.inputs(shards), await pack(text, { level: 1 }), { sync: false });
    listHash.update(line);
    await list.write(line);
    pictures += lines.length;
    shards++;
    lines = [];
    onProgress?.({ stage: "plan", done: pictures });
  };
  try {
    for await (const entry of entries) {
      throwIfAborted(signal);
      lines.push(formatEntry(entry));
      if (lines.length === shardSize) await flush();
    }
    if (lines.length > 0) await flush();
    if (shards === 0) throw new TensorFaceError("TF_INPUT_NOT_FOUND", `${inputs.join(", ")}: there is no picture to plan`);
  } catch (error) {
    // Of a plan that was begun the next one takes the rest away.
    await list.abandon();
    throw error;
  }
  await list.commit();
  return { shards, pictures, list: listHash.digest("hex") };
}
