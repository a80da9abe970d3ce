import { readdir } from "node:fs/promises";
import { readFailure, readTextFile } from "../../files/files.node.ts";
import { basename } from "node:path";
import type { OpenPlan, PlannedShard } from "../plan/plan-file.ts";
import type { ShardProgress } from "./messages.ts";
import { type ShardStats, statsSchema } from "./stats.ts";

/** What is done, as the folder tells it. Each shard's figures are read once. */
export interface Ledger {
  /** Looks into the folder again. */
  refresh(): Promise<void>;
  readonly done: ReadonlyMap<number, ShardStats>;
  /** The sum of all that is done. */
  total(): ShardProgress;
}

/** @throws {TF_INPUT_UNREADABLE} when the folder cannot be read */
export async function openLedger({ folder, shards }: OpenPlan): Promise<Ledger> {
  const done = new Map<number, ShardStats>();
  // Asked for after every picture, of ten thousand shards: summed up when something has changed.
  let total = sumOf([]);
  const read = async (shard: PlannedShard): Promise<ShardStats | undefined> => {
    try {
      const stats = statsSchema.parse(JSON.parse(await readTextFile(folder.stats(shard.shard))));
      return stats.hash === shard.hash && stats.file === basename(folder.result(shard)) ? stats : undefined;
    } catch {
      // What is no such file is not done: the shard is written again.
      return undefined;
    }
  };
  const ledger: Ledger = {
    done,
    async refresh() {
      const names = new Set(
        await readdir(folder.path).catch((error: unknown) => {
          throw readFailure(error, folder.path);
        }),
      );
      for (const shard of shards) {
        const isThere = names.has(basename(folder.stats(shard.shard))) && names.has(basename(folder.result(shard)));
        if (!isThere) done.delete(shard.shard);
        else if (!done.has(shard.shard)) {
          const stats = await read(shard);
          if (stats !== undefined) done.set(shard.shard, stats);
        }
      }
      total = sumOf(done.values());
    },
    total: () => total,
  };
  await ledger.refresh();
  return ledger;
}

export function sumOf(parts: Iterable<ShardProgress>): ShardProgress {
  const failed: Record<string, number> = {};
  let [pictures, faces] = [0, 0];
  for (const part of parts) {
    pictures += part.pictures;
    faces += part.faces;
    for (const [code, count] of Object.entries(part.failed)) failed[code] = (failed[code] ?? 0) + count;
  }
  return { pictures, faces, failed };
}
