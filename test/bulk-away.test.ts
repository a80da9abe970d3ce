import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { readStatus, type WorkOptions } from "../src/bulk/bulk-work.node.ts";
import { type DrawnPlan, drawPlan, resultHashes, workOn } from "./support/bulk.ts";
import { hasRedis, startRedis, type TestRedis } from "./support/redis.ts";

/** What goes on while something is away does not depend on what is seen on the pictures. */
const process = fileURLToPath(new URL("support/quick-shard-process.ts", import.meta.url));

let drawn: DrawnPlan;
beforeAll(async () => {
  drawn = await drawPlan(23, 3, { process });
}, 240_000);
afterAll(() => drawn.remove());
afterEach(() => vi.unstubAllEnvs());

/** Calls once a worker knows of so many shards that are done. */
function afterShards(count: number, call: () => void): NonNullable<WorkOptions["onEvent"]> {
  let isCalled = false;
  return (event) => {
    if (isCalled || event.kind !== "progress" || event.state.shards.done < count) return;
    isCalled = true;
    call();
  };
}

describe.skipIf(!hasRedis)("a queue", () => {
  const queueTiming = { lockDuration: 1000, pause: 200, refillEvery: 500, patience: 1500 };
  async function begin(name: string, policy?: string): Promise<{ readonly out: string; readonly redis: TestRedis }> {
    await mkdir(drawn.at(`${name}-data`));
    return { out: await drawn.planned(name), redis: await startRedis(drawn.at(`${name}-data`), policy) };
  }

  // They mostly wait, and so they wait together.
  test.concurrent("that is just started again is waited for by a worker that begins", async () => {
    const { out, redis } = await begin("starting");
    await using _redis = redis;
    await Promise.all([redis.restart(1500), workOn(out, { process, queue: redis.url })]);
    expect(await resultHashes(out)).toEqual(drawn.whole);
  }, 240_000);

  test.concurrent.each(["dead", "frozen"])(
    "that is %s for a while in the middle is waited for",
    async (how) => {
      const { out, redis } = await begin(how);
      await using _redis = redis;
      let away: Promise<void> | undefined;
      const onEvent = afterShards(2, () => {
        away = how === "dead" ? redis.restart(2500) : redis.freeze(2500);
      });
      await workOn(out, { process, queue: redis.url, queueTiming: { ...queueTiming, patience: 60_000 }, onEvent });
      expect(away).toBeDefined();
      await away;
      expect(await resultHashes(out)).toEqual(drawn.whole);
    },
    120_000,
  );

  test.concurrent("that is away keeps nobody from stopping", async () => {
    const { out, redis } = await begin("stopped");
    await using _redis = redis;
    const stopping = new AbortController();
    const onEvent = afterShards(2, () => void redis[Symbol.asyncDispose]().then(() => stopping.abort()));
    const { state } = await workOn(out, { process, queue: redis.url, stopping: stopping.signal, onEvent });
    expect(state.shards.done).toBeGreaterThan(1);
    expect(state.shards.done).toBeLessThan(8);
  }, 240_000);

  test.concurrent("that takes a question and says nothing is refused by a worker that begins", async () => {
    const { out, redis } = await begin("silent");
    await using _redis = redis;
    const refused = Promise.withResolvers<void>();
    const frozen = redis.freeze(refused.promise);
    const work = workOn(out, { process, queue: redis.url, queueTiming: { silence: 1000 } });
    await expect(work).rejects.toMatchObject({ code: "TF_QUEUE_UNAVAILABLE", message: expect.stringContaining("timed out") });
    refused.resolve();
    await frozen;
  }, 180_000);

  test.concurrent("that would throw keys away, or does not answer, is refused", async () => {
    const { out, redis } = await begin("policy", "allkeys-lru");
    await using _redis = redis;
    await expect(workOn(out, { process, queue: redis.url })).rejects.toMatchObject({
      code: "TF_QUEUE_UNAVAILABLE",
      message: expect.stringContaining("allkeys-lru"),
    });
    await expect(workOn(out, { process, queue: "redis://:secret@127.0.0.1:1" })).rejects.toMatchObject({
      code: "TF_QUEUE_UNAVAILABLE",
      message: expect.not.stringContaining("secret"),
    });
  }, 180_000);

  // By themselves: one has no patience with a busy thread, and the other's environment is the process's.
  test("that stays away ends the work with a code, and what is done is kept", async () => {
    const { out, redis } = await begin("gone");
    await using _redis = redis;
    const onEvent = afterShards(2, () => void redis[Symbol.asyncDispose]());
    const work = workOn(out, { process, queue: redis.url, queueTiming, onEvent });
    await expect(work).rejects.toMatchObject({ code: "TF_QUEUE_UNAVAILABLE", message: expect.stringContaining("away for 1.5 s") });
    expect((await readStatus(out)).done.shards).toBeGreaterThan(1);
    expect(await readdir(`${out}/working`)).toEqual([]);
    await workOn(out, { process });
    expect(await resultHashes(out)).toEqual(drawn.whole);
  }, 240_000);

  test("keeps a shard for who is at it, however long a network holds its thread", async () => {
    const { out, redis } = await begin("blocked");
    await using _redis = redis;
    vi.stubEnv("BULK_BLOCKED", "450");
    const work = (): ReturnType<typeof workOn> => workOn(out, { process, queue: redis.url, queueTiming });
    const results = await Promise.all([work(), work()]);
    // Three pictures a shard: they hold the thread for longer than a lock lasts.
    expect(results.map(({ state }) => state.own.shards).reduce((sum, shards) => sum + shards)).toBe(8);
    expect(await resultHashes(out)).toEqual(drawn.whole);
  }, 120_000);
});

test("a disk that fills up ends the work with a code, and with more room it goes on", async () => {
  const out = await drawn.planned("full");
  vi.stubEnv("BULK_ROOM", "9000");
  await expect(workOn(out, { process })).rejects.toMatchObject({ code: "TF_OUTPUT_FULL" });
  vi.unstubAllEnvs();
  const kept = await resultHashes(out);
  expect(Object.keys(kept).filter((name) => name.endsWith("stats.json")).length).toBeGreaterThan(0);
  expect(drawn.whole).toMatchObject(kept);
  expect((await readdir(out)).filter((name) => name.includes(".part"))).toEqual([]);
  await workOn(out, { process });
  expect(await resultHashes(out)).toEqual(drawn.whole);
}, 180_000);

test("a worker whose clock is a day fast gives the same bytes, beside one whose clock is right", async () => {
  const out = await drawn.planned("clock");
  const clock = `const Right = Date;
    globalThis.Date = class extends Right {
      static now() { return Right.now() + 86_400_000; }
      constructor(...words) { super(...(words.length === 0 ? [Right.now() + 86_400_000] : words)); }
    };`;
  const env = { ...globalThis.process.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(clock)}` };
  const file = fileURLToPath(new URL("support/bulk-worker.ts", import.meta.url));
  const child = spawn(globalThis.process.execPath, [file, out, JSON.stringify({ process })], {
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [[code]] = await Promise.all([once(child, "exit"), workOn(out, { process })]);
  expect(code).toBe(0);
  expect(await resultHashes(out)).toEqual(drawn.whole);
}, 180_000);
