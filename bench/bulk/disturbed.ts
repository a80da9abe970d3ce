import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "tsdown";
import { createRandom } from "../../src/core/index.ts";
import { drawManyPictures, planFolder, resultHashes, type TestWork, workOn } from "../../test/support/bulk.ts";
import { killAtRandom } from "../../test/support/kill.ts";
import { startRedis } from "../../test/support/redis.ts";

/** What is disturbed, and where. */
export interface DisturbedOptions {
  readonly base: string;
  readonly workers: number;
  readonly shards: number;
  /** Nothing is seen on the pictures: a kill costs the start of two processes, and not that of networks. */
  readonly quick: boolean;
}

export interface KillOptions extends DisturbedOptions {
  readonly kills: number;
  /** Redis hands the shards out, and is killed too. */
  readonly queue: boolean;
}

/** Whoever is killed is missed soon: a thousand times half a minute would be a day. A server that is killed has its time to begin, on a busy machine too. */
const queueTiming = { lockDuration: 2000, pause: 500, refillEvery: 5000, silence: 60_000 };
/** A made-up picture takes up to so long, ms. */
const longest = 800;

/** Kills workers at random moments and compares every byte with an undisturbed run. SIGTERM ends the killing: what was done is compared and told. */
export async function killWorkers({ kills, queue, ...options }: KillOptions): Promise<void> {
  const { workers, shards, quick } = options;
  const { at, worker, process: file, requireWhole } = await prepare(options);
  const stopping = new AbortController();
  process.once("SIGTERM", () => stopping.abort());
  await using redis = queue ? await startRedis(at("redis")) : undefined;
  const work: TestWork = { process: file, ...(redis === undefined ? {} : { queue: redis.url, queueTiming }) };
  const began = performance.now();
  const count = { kills: 0, runs: 0, restarts: 0, longestAway: 0 };
  const tell = (what: string): void =>
    console.log(
      `${Math.round((performance.now() - began) / 1000)} s: ${count.kills} kills, ${count.restarts} restarts of Redis (away for ${Math.round(count.longestAway)} ms at most), ${what}`,
    );
  while (count.kills < kills && !stopping.signal.aborted) {
    const out = at(`killed-${count.runs}`);
    await cp(at("planned"), out, { recursive: true });
    const random = createRandom(count.runs++);
    const between = async (): Promise<void> => {
      if (++count.kills % 50 === 0) tell(`in run ${count.runs}`);
      if (redis === undefined || random.integer(20) > 0) return;
      const ended = performance.now();
      await redis.restart();
      count.restarts++;
      count.longestAway = Math.max(count.longestAway, performance.now() - ended);
    };
    process.env["BULK_LONGEST"] = String(longest);
    const left = kills - count.kills;
    await killAtRandom({ out, worker, workers, kills: left, random, options: work, between, stopping: stopping.signal });
    process.env["BULK_LONGEST"] = "0";
    await workOn(out, work);
    await requireWhole(out);
    tell(`run ${count.runs} left every byte`);
    await rm(out, { recursive: true });
  }
  const engine = redis === undefined ? "the folder" : `Redis, which was killed ${count.restarts} times`;
  const what = `${workers} workers, ${shards} shards${quick ? ", nothing seen on the pictures" : ""}`;
  console.log(`${what}, ${count.kills} kills over ${engine}, in ${count.runs} runs: every byte as undisturbed`);
}

/** Has Redis away in the middle of the work, and tells what is done before, meanwhile and afterwards. */
export async function takeQueueAway(seconds: number, options: DisturbedOptions): Promise<void> {
  const { workers, shards } = options;
  const { at, worker, process: file, requireWhole } = await prepare(options);
  await using redis = await startRedis(at("redis"));
  const out = at("away");
  await cp(at("planned"), out, { recursive: true });
  process.env["BULK_LONGEST"] = String(longest);
  const work: TestWork = { process: file, queue: redis.url };
  const running = Array.from({ length: workers }, () => beginWorker(worker, out, work));
  try {
    await untilDone(out, Math.floor(shards / 4));
    const away = redis.restart(seconds * 1000);
    const before = await countDone(out);
    await away;
    const back = performance.now();
    const meanwhile = (await countDone(out)) - before;
    await untilDone(out, before + meanwhile + 1);
    const waited = (performance.now() - back) / 1000;
    const codes = await Promise.all(running.map(async (child) => child.exitCode ?? (await once(child, "exit"))[0]));
    if (codes.some((code) => code !== 0)) throw new Error(`workers ended with ${codes.join(", ")}`);
    await requireWhole(out);
    console.log(
      `${workers} workers, ${shards} shards, Redis killed and away for ${seconds} s: ${before} shards done before, ${meanwhile} meanwhile, the next ${waited.toFixed(1)} s after it was back, then the rest: every byte as undisturbed`,
    );
  } finally {
    for (const child of running) child.kill("SIGKILL");
  }
}

function beginWorker(worker: string | undefined, out: string, work: TestWork): ChildProcess {
  const file = worker ?? fileURLToPath(new URL("../../test/support/bulk-worker.ts", import.meta.url));
  return spawn(process.execPath, [file, out, JSON.stringify(work)], { stdio: ["ignore", "ignore", "inherit"] });
}

async function countDone(out: string): Promise<number> {
  return (await readdir(out)).filter((name) => /^\d+_stats\.json$/.test(name)).length;
}

async function untilDone(out: string, shards: number): Promise<void> {
  while ((await countDone(out)) < shards) await sleep(100);
}

interface Prepared {
  readonly at: (name: string) => string;
  /** The file of a worker, and of the process that it has beside it; undefined for those of the sources. */
  readonly worker?: string;
  readonly process?: string;
  /** @throws where a byte is another one than in the undisturbed run */
  readonly requireWhole: (out: string) => Promise<void>;
}

/** Drawn pictures, planned in the folder `planned`, and what a run makes of them that nobody disturbs. */
async function prepare({ base, shards, quick }: DisturbedOptions): Promise<Prepared> {
  const at = (name: string): string => join(base, name);
  await drawManyPictures(at("photos"), shards * 2 - 1);
  await planFolder(at("planned"), { shardSize: 2, base });
  await cp(at("planned"), at("whole"), { recursive: true });
  const files = quick ? await bundleWorkers(at) : undefined;
  await workOn(at("whole"), { process: files?.process });
  const whole = JSON.stringify(await resultHashes(at("whole")));
  await mkdir(at("redis"));
  return {
    at,
    ...files,
    requireWhole: async (out) => {
      if (JSON.stringify(await resultHashes(out)) !== whole) throw new Error("other bytes than undisturbed");
    },
  };
}

/**
 * Puts what a killed worker begins anew into two files, as the package does, and has Node keep them compiled: a start then takes a
 * quarter of the processor's time.
 * @returns the files of a worker and of the process that it has beside it
 */
async function bundleWorkers(at: Prepared["at"]): Promise<{ readonly worker: string; readonly process: string }> {
  process.env["NODE_COMPILE_CACHE"] = at("compiled");
  const entry = ["bulk-worker", "quick-shard-process"];
  await build({
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    entry: entry.map((name) => `test/support/${name}.ts`),
    outDir: at("bundle"),
    config: false,
    dts: false,
    deps: { alwaysBundle: [/./], onlyBundle: false },
    logLevel: "error",
  });
  const [worker, quick] = entry.map((name) => at(`bundle/${name}.mjs`));
  return { worker: worker!, process: quick! };
}
