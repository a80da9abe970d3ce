import { cp, mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readStatus, verifyResults } from "../src/bulk/bulk-work.node.ts";
import { createRandom } from "../src/core/index.ts";
import { readTable } from "../src/bulk/shards/read-table.ts";
import { type DrawnPlan, drawPlan, planFolder, resultHashes, workOn } from "./support/bulk.ts";
import { killAtRandom } from "./support/kill.ts";
import { hasRedis, startRedis } from "./support/redis.ts";

let drawn: DrawnPlan;
const at = (name: string): string => drawn.at(name);
beforeAll(async () => {
  drawn = await drawPlan(39, 4);
}, 120_000);
afterAll(() => drawn.remove());

describe("workers that are killed at random", () => {
  test("without a server, and what is left is the same bytes", async () => {
    const out = await drawn.planned("files");
    const kills = await killAtRandom({ out, workers: 2, kills: 4, random: createRandom(7) });
    expect(kills).toBe(4);
    await workOn(out);
    expect(await resultHashes(out)).toEqual(drawn.whole);
    const beside = async (): Promise<string[]> => (await readdir(out)).filter((name) => name.endsWith(".part")).toSorted();
    const left = await beside();
    const verified = await verifyResults(out, { drop: true });
    expect(verified).toMatchObject({ damaged: [], unfinished: left.map((name) => join(out, name)) });
    expect(await beside()).toEqual([]);
    expect(await resultHashes(out)).toEqual(drawn.whole);
    // Who is killed behind the last byte of a shard leaves its mark, and counts as nobody.
    expect((await readStatus(out)).workers).toEqual([]);
  }, 240_000);

  test.skipIf(!hasRedis)(
    "with Redis, which is killed too and comes back with what its disk has",
    async () => {
      const out = await drawn.planned("redis");
      await mkdir(at("redis-data"));
      await using redis = await startRedis(at("redis-data"));
      const options = { queue: redis.url, queueTiming: { lockDuration: 2000 } };
      const kills = await killAtRandom({ out, workers: 2, kills: 2, random: createRandom(8), options, between: () => redis.restart() });
      expect(kills).toBe(2);
      await workOn(out, options);
      expect(await resultHashes(out)).toEqual(drawn.whole);
    },
    240_000,
  );
});

test("pictures that end their process are named, and the others have their answers", async () => {
  await mkdir(at("poisoned"));
  for (const name of (await readdir(at("photos"))).slice(0, 6)) await cp(at(`photos/${name}`), at(`poisoned/${name}`));
  await cp(at("photos/0000.jpg"), at("poisoned/0002-poison.jpg"));
  const out = at("poisoned-out");
  await planFolder(out, { shardSize: 7, base: drawn.base, inputs: ["poisoned"] });
  const events: string[] = [];
  const process = fileURLToPath(new URL("support/poisoned-shard-process.ts", import.meta.url));
  await workOn(out, { process, onEvent: ({ kind }) => kind !== "progress" && events.push(kind) });
  expect(events).toEqual(["killed", "killed", "killed", "culprit"]);
  const rows = await Array.fromAsync(
    readTable(
      join(
        out,
        (await readdir(out)).find((name) => name.endsWith(".parquet"))!,
      ),
    ),
  );
  expect(rows.map((row) => row["error_code"])).toEqual([null, null, "TF_BULK_PROCESS_ENDED", null, null, null, null]);
  const status = await readStatus(out);
  expect(status.setAside).toMatchObject([{ shard: 0, culprits: [{ index: 2, source: "poisoned/0002-poison.jpg" }] }]);
  expect(JSON.parse(await readFile(join(out, "00000_stats.json"), "utf8"))).toMatchObject({ failed: { TF_BULK_PROCESS_ENDED: 1 } });
}, 240_000);

test("a second Ctrl-C ends the process that looks at a shard apart, too", async () => {
  const out = await drawn.planned("endless");
  const marks = at("endless-marks");
  process.env["ENDLESS_MARKS"] = marks;
  const [stopping, now] = [new AbortController(), new AbortController()];
  const file = fileURLToPath(new URL("support/endless-shard-process.ts", import.meta.url));
  const work = workOn(out, { process: file, stopping: stopping.signal, now: now.signal });
  while (((await stat(marks).catch(() => undefined))?.size ?? 0) < 4) await sleep(50);
  stopping.abort();
  now.abort();
  expect(await Promise.race([work, sleep(20_000, "is still at it")])).toMatchObject({ givenUp: [] });
}, 240_000);
