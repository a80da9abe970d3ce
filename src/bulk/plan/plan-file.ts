import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { detectorChoices } from "../../analyze/index.ts";
import { TensorFaceError } from "../../core/index.ts";
import { hashFile, pathKind, readLines, readTextFile } from "../../files/files.node.ts";
import { ageGroupingNames } from "../age-groupings.ts";

/**
 * What a folder of bulk work holds: the plan, which never changes; the inputs of each shard; and the results, two files a shard.
 * All of it is files, so that any number of machines that share the folder can work on it.
 */

const optionsSchema = z.strictObject({
  tasks: z.array(z.string()).optional(),
  /** Files below `models`, in the order in which they were asked for. */
  models: z.array(z.string()),
  ageGroups: z.enum(ageGroupingNames),
  detector: z.enum(detectorChoices).optional(),
  minFaceSize: z.number().optional(),
  minScore: z.number().optional(),
  maxFaces: z.int().optional(),
  anyRotation: z.boolean().optional(),
  device: z.string(),
  maxPixels: z.int().optional(),
  maxBytes: z.int().optional(),
});

const planSchema = z.strictObject({
  schema: z.literal("tensorface.bulk/1"),
  /** What was named on the command line. */
  inputs: z.array(z.string()),
  /** The folder that relative paths begin in. */
  base: z.string(),
  /** Folders and archives that must be there, or nothing of them is: a disk that is not mounted. */
  roots: z.array(z.string()),
  pictures: z.int().positive(),
  shards: z.int().positive(),
  shardSize: z.int().positive(),
  /** SHA-256 of `shards.jsonl`. */
  list: z.string(),
  options: optionsSchema,
  /** Every network that has a say, with the SHA-256 of its file. */
  models: z.array(z.strictObject({ id: z.string(), sha256: z.string() })),
  /** What else decides on the last digit. */
  versions: z.record(z.string(), z.string()),
});

/** What decides on the answers, as the plan keeps it. */
export type BulkOptions = z.infer<typeof optionsSchema>;
export type BulkPlan = z.infer<typeof planSchema>;

const shardSchema = z.strictObject({ shard: z.int(), pictures: z.int().positive(), hash: z.string() });
/** A shard of the plan: so many pictures, and a hash of these and of everything that decides on their answers. */
export type PlannedShard = z.infer<typeof shardSchema>;

/** Where everything lies. Numbers have five digits or more. */
export interface BulkFolder {
  readonly path: string;
  readonly plan: string;
  readonly list: string;
  readonly models: string;
  /** Attempts that are under way, or that were killed. */
  readonly working: string;
  /** Pictures that end the process, and shards that were given up. */
  readonly setAside: string;
  inputs(shard: number): string;
  result(shard: Pick<PlannedShard, "shard" | "hash">): string;
  stats(shard: number): string;
}

export function bulkFolder(path: string): BulkFolder {
  return {
    path,
    plan: join(path, "bulk.json"),
    list: join(path, "shards.jsonl"),
    models: join(path, "models"),
    working: join(path, "working"),
    setAside: join(path, "set-aside"),
    inputs: (shard) => join(path, "inputs", `${shardName(shard)}.jsonl.gz`),
    result: ({ shard, hash }) => join(path, `${shardName(shard)}-${hash.slice(0, 12)}.parquet`),
    stats: (shard) => join(path, `${shardName(shard)}_stats.json`),
  };
}

/** `00017`. */
export function shardName(shard: number): string {
  return String(shard).padStart(5, "0");
}

/** A plan that was read. */
export interface OpenPlan {
  readonly folder: BulkFolder;
  readonly plan: BulkPlan;
  readonly shards: readonly PlannedShard[];
}

/**
 * The plan of a folder.
 * @throws {TF_INPUT_NOT_FOUND} when there is none
 * @throws {TF_BULK_DAMAGED} when it is not what was planned
 */
export async function openPlan(path: string): Promise<OpenPlan> {
  const folder = bulkFolder(path);
  if ((await pathKind(folder.plan)) !== "file")
    throw new TensorFaceError("TF_INPUT_NOT_FOUND", `"${path}" holds no plan`, {
      hint: `Make one first: tensorface bulk plan INPUT... --out ${path}`,
    });
  const plan = parsed(planSchema, await readTextFile(folder.plan), folder.plan);
  const shards: PlannedShard[] = [];
  for await (const line of readLines(folder.list)) shards.push(parsed(shardSchema, line, folder.list));
  if (shards.length !== plan.shards || (await hashFile(folder.list)) !== plan.list)
    throw new TensorFaceError("TF_BULK_DAMAGED", `"${folder.list}" is not the list of shards that was planned`);
  return { folder, plan, shards };
}

function parsed<Schema extends z.ZodType>(schema: Schema, text: string, path: string): z.infer<Schema> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new TensorFaceError("TF_BULK_DAMAGED", `"${path}" is not what a plan writes`, { cause });
  }
}

/** A hash of everything but the pictures that decides on the answers. */
export function hashOfWork({ options, models, versions }: Pick<BulkPlan, "options" | "models" | "versions">): string {
  const sorted = Object.entries(versions).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify(["tensorface.bulk/1", options, models, sorted]))
    .digest("hex");
}

/** @param inputs the shard's lines, as they were before they were packed */
export function hashOfShard(work: string, inputs: string | Uint8Array): string {
  return createHash("sha256").update(`${work}\n`).update(inputs).digest("hex");
}
