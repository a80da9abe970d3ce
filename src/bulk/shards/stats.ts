import { z } from "zod";

/** What stands beside a shard's table: its presence means that the shard is done. Nothing of when, where or how long. */
export const statsSchema = z.strictObject({
  schema: z.literal("tensorface.bulk-shard/1"),
  shard: z.int(),
  hash: z.string(),
  pictures: z.int(),
  faces: z.int(),
  /** Pictures that failed, by code. */
  failed: z.record(z.string(), z.int()),
  /** The table, its length and SHA-256. */
  file: z.string(),
  bytes: z.int(),
  sha256: z.string(),
});

export type ShardStats = z.infer<typeof statsSchema>;

/** The same text wherever it is written. */
export function formatStats(stats: ShardStats): string {
  const failed = Object.fromEntries(Object.entries(stats.failed).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ ...stats, failed }, undefined, 2)}\n`;
}
