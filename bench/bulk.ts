/**
 * Bulk work: what it costs beside `analyze FOLDER`, what workers need to agree, what a plan needs, and whether kills change a byte.
 *
 *   npm run bench -- bulk [--pictures 200] [--rounds 5]         rates, in turns
 *   npm run bench -- bulk --rows 10000000                       a plan of so many rows of a Parquet list
 *   npm run bench -- bulk --kills 1000 [--workers 8] [--shards 200] [--queue] [--quick]    kills at random moments; --queue: Redis, killed
 *                                                                                          too; --quick: nothing is seen on the pictures
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";
import sharp from "sharp";
import { build } from "tsdown";
import { createRandom } from "../src/core/index.ts";
import { drawManyPictures, planFolder, resultHashes, workOn } from "../test/support/bulk.ts";
import { killAtRandom } from "../test/support/kill.ts";
import { portrait } from "../test/support/pictures.ts";
import { startRedis } from "../test/support/redis.ts";
import { describeMachine } from "./machine.ts";
import { mebibytes, runToEnd } from "./measured-command.ts";
import { spread } from "./statistics.ts";

const { values } = parseArgs({
  options: {
    pictures: { type: "string", default: "200" },
    rounds: { type: "string", default: "5" },
    rows: { type: "string" },
    kills: { type: "string" },
    workers: { type: "string", default: "8" },
    shards: { type: "string", default: "200" },
    queue: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
  },
});

const base = await mkdtemp(join(tmpdir(), "tensorface-bench-bulk-"));
const at = (name: string): string => join(base, name);
const { processor, cores, memoryGiB, node } = describeMachine();
console.log(`${processor}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, ${new Date().toISOString().slice(0, 10)}`);
try {
  if (values.rows !== undefined) await measurePlan(Number(values.rows));
  else if (values.kills !== undefined) await killWorkers(Number(values.kills), Number(values.workers), Number(values.shards));
  else await measureRates(Number(values.pictures), Number(values.rounds));
} finally {
  await rm(base, { recursive: true, force: true });
}

/** Plans a list with so many addresses. */
async function measurePlan(rows: number): Promise<void> {
  const database = await DuckDBInstance.create(":memory:");
  const connection = await database.connect();
  const address = "'s3://collection/photographs/' || (1850 + i % 150) || '/' || lpad(i::VARCHAR, 12, '0') || '.jpg'";
  await connection.run(`COPY (SELECT i AS id, ${address} AS url FROM range(${rows}) t(i)) TO '${at("list.parquet")}'`);
  connection.closeSync();
  database.closeSync();
  const run = await runToEnd(["bulk", "plan", at("list.parquet"), "--out", at("results")]);
  console.log(`a plan of ${rows} rows: ${run.seconds.toFixed(1)} s, at most ${mebibytes(run.peakBytes)}, n = 1`);
}

/** Kills workers at random moments and compares every byte with an undisturbed run. SIGTERM ends the killing: what was done is compared and told. */
async function killWorkers(kills: number, workers: number, shards: number): Promise<void> {
  await drawManyPictures(at("photos"), shards * 2 - 1);
  await planFolder(at("planned"), { shardSize: 2, base });
  for (const name of ["whole", "killed"]) await cp(at("planned"), at(name), { recursive: true });
  const { worker, process: file } = values.quick ? await bundleWorkers() : {};
  await workOn(at("whole"), { process: file });
  const whole = JSON.stringify(await resultHashes(at("whole")));
  const stopping = new AbortController();
  process.once("SIGTERM", () => stopping.abort());
  await mkdir(at("redis"));
  await using redis = values.queue ? await startRedis(at("redis")) : undefined;
  const options = { process: file, ...(redis === undefined ? {} : { queue: redis.url, queueTiming: { lockDuration: 5000 } }) };
  const began = performance.now();
  const count = { kills: 0, runs: 0, restarts: 0 };
  const tell = (what: string): void =>
    console.log(`${Math.round((performance.now() - began) / 1000)} s: ${count.kills} kills, ${count.restarts} restarts of Redis, ${what}`);
  while (count.kills < kills && !stopping.signal.aborted) {
    const random = createRandom(count.runs++);
    const between = async (): Promise<void> => {
      if (++count.kills % 50 === 0) tell(`in run ${count.runs}`);
      if (redis === undefined || random.integer(20) > 0) return;
      await redis.restart();
      count.restarts++;
    };
    process.env["BULK_LONGEST"] = "800";
    await killAtRandom({
      out: at("killed"),
      worker,
      workers,
      kills: kills - count.kills,
      random,
      options,
      between,
      stopping: stopping.signal,
    });
    process.env["BULK_LONGEST"] = "0";
    await workOn(at("killed"), options);
    if (JSON.stringify(await resultHashes(at("killed"))) !== whole) throw new Error(`other bytes after ${count.kills} kills`);
    tell(`run ${count.runs} left every byte`);
    await rm(at("killed"), { recursive: true });
    await cp(at("planned"), at("killed"), { recursive: true });
  }
  const engine = redis === undefined ? "the folder" : `Redis, which was killed ${count.restarts} times`;
  const seen = values.quick ? ", nothing seen on the pictures" : "";
  console.log(
    `${workers} workers, ${shards} shards${seen}, ${count.kills} kills over ${engine}, in ${count.runs} runs: every byte as undisturbed`,
  );
}

/**
 * Puts what a killed worker begins anew into two files, as the package does, and has Node keep them compiled: a start then takes a
 * quarter of the processor's time.
 * @returns the files of a worker and of the process that it has beside it
 */
async function bundleWorkers(): Promise<{ readonly worker: string; readonly process: string }> {
  process.env["NODE_COMPILE_CACHE"] = at("compiled");
  const entry = ["bulk-worker", "quick-shard-process"];
  await build({
    cwd: fileURLToPath(new URL("..", import.meta.url)),
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

async function measureRates(pictures: number, rounds: number): Promise<void> {
  await mkdir(at("photos"));
  for (let index = 0; index < pictures; index++)
    await sharp(portrait)
      .modulate({ brightness: 0.8 + (index % 40) / 100 })
      .jpeg({ quality: 90 })
      .toFile(at(`photos/${String(index).padStart(4, "0")}.jpg`));
  const seconds: Record<"analyze" | "bulk" | "one" | "two", number[]> = { analyze: [], bulk: [], one: [], two: [] };
  for (let round = 0; round < rounds; round++) {
    const [out, one, two] = ["out", "one", "two"].map((name) => at(`${name}-${round}`));
    seconds.analyze.push((await runToEnd(["analyze", at("photos"), "--out", at(`${round}.jsonl`)])).seconds);
    await runToEnd(["bulk", "plan", at("photos"), "--out", out!, "--shard-size", String(Math.ceil(pictures / 2))]);
    for (const copy of [one, two]) await cp(out!, copy!, { recursive: true });
    seconds.bulk.push((await runToEnd(["bulk", "work", out!])).seconds);
    seconds.one.push(await secondsOfWorkers(one!, 1));
    seconds.two.push(await secondsOfWorkers(two!, 2));
  }
  for (const [name, all] of Object.entries(seconds)) {
    const { n, median, lowerQuartile, upperQuartile } = spread(all);
    console.log(
      `${name}: ${pictures} pictures in ${median.toFixed(2)} s [${lowerQuartile.toFixed(2)} to ${upperQuartile.toFixed(2)}], n = ${n}`,
    );
  }
  const rate = spread(seconds.analyze.map((of, round) => of / seconds.bulk[round]!));
  console.log(
    `bulk work's rate beside analyze, start included: ${rate.median.toFixed(3)} [${rate.lowerQuartile.toFixed(3)} to ${rate.upperQuartile.toFixed(3)}]`,
  );
  const gain = spread(seconds.one.map((of, round) => of / seconds.two[round]! / 2));
  console.log(
    `two workers of one thread, of twice one: ${gain.median.toFixed(3)} [${gain.lowerQuartile.toFixed(3)} to ${gain.upperQuartile.toFixed(3)}]`,
  );
  await measureAgreement(pictures / spread(seconds.bulk).median);
}

/** Workers of one thread each, in processes of their own. */
async function secondsOfWorkers(out: string, count: number): Promise<number> {
  const file = fileURLToPath(new URL("../test/support/bulk-worker.ts", import.meta.url));
  const began = performance.now();
  const children = Array.from({ length: count }, () =>
    spawn(process.execPath, [file, out, "{}"], { stdio: ["ignore", "ignore", "inherit"] }),
  );
  await Promise.all(children.map(async (child) => once(child, "exit")));
  return (performance.now() - began) / 1000;
}

/** What a shard costs beside its pictures: shards that are done at once. */
async function measureAgreement(rate: number): Promise<void> {
  const shards = 200;
  await drawManyPictures(at("few"), shards - 1);
  await planFolder(at("instant"), { shardSize: 1, base, inputs: ["few"] });
  process.env["BULK_PLAN"] = at("instant");
  const began = performance.now();
  await workOn(at("instant"), { process: fileURLToPath(new URL("bulk/instant-process.ts", import.meta.url)) });
  const perShard = (performance.now() - began) / shards;
  const share = perShard / ((10_000 / rate) * 1000 + perShard);
  console.log(
    `agreeing on a shard: ${perShard.toFixed(1)} ms (${shards} shards), ${(100 * share).toFixed(4)} % of a shard of 10,000 pictures`,
  );
}
