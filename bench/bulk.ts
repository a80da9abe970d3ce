/**
 * Bulk work: what it costs beside `analyze FOLDER`, what workers need to agree, what a plan needs, and whether kills change a byte.
 *
 *   npm run bench -- bulk [--pictures 200] [--rounds 5]            rates, in turns
 *   npm run bench -- bulk --cores [--pictures 100] [--rounds 5]    one worker held to a core, and two to a core each, in turns (Linux)
 *   npm run bench -- bulk --rows 100000000                         a plan of so many rows of a Parquet list
 *   npm run bench -- bulk --kills 1000 [--workers 8] [--shards 200] [--queue] [--quick]    kills at random moments; --queue: Redis, killed
 *                                                                                          too; --quick: nothing is seen on the pictures
 *   npm run bench -- bulk --away 60 [--workers 2] [--shards 200] [--quick]                 a Redis that is away for so many seconds
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";
import { killWorkers, takeQueueAway } from "./bulk/disturbed.ts";
import { measureCores, measureRates } from "./bulk/rates.ts";
import { describeMachine } from "./machine.ts";
import { mebibytes, runToEnd } from "./measured-command.ts";

const { values } = parseArgs({
  options: {
    pictures: { type: "string" },
    rounds: { type: "string", default: "5" },
    cores: { type: "boolean", default: false },
    rows: { type: "string" },
    kills: { type: "string" },
    away: { type: "string" },
    workers: { type: "string" },
    shards: { type: "string", default: "200" },
    queue: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
  },
});

const base = await mkdtemp(join(tmpdir(), "tensorface-bench-bulk-"));
const { processor, cores, memoryGiB, node } = describeMachine();
console.log(`${processor}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, ${new Date().toISOString().slice(0, 10)}`);
try {
  const { queue, quick } = values;
  const [rounds, shards] = [Number(values.rounds), Number(values.shards)];
  const workers = (initial: number): number => Number(values.workers ?? initial);
  const pictures = (initial: number): number => Number(values.pictures ?? initial);
  if (values.rows !== undefined) await measurePlan(Number(values.rows));
  else if (values.kills !== undefined) await killWorkers({ base, kills: Number(values.kills), workers: workers(8), shards, queue, quick });
  else if (values.away !== undefined) await takeQueueAway(Number(values.away), { base, workers: workers(2), shards, quick });
  else if (values.cores) await measureCores({ base, pictures: pictures(100), rounds });
  else await measureRates({ base, pictures: pictures(200), rounds });
} finally {
  await rm(base, { recursive: true, force: true });
}

/** Plans a list with so many addresses. */
async function measurePlan(rows: number): Promise<void> {
  const at = (name: string): string => join(base, name);
  const database = await DuckDBInstance.create(":memory:");
  const connection = await database.connect();
  const address = "'s3://collection/photographs/' || (1850 + i % 150) || '/' || lpad(i::VARCHAR, 12, '0') || '.jpg'";
  await connection.run(`COPY (SELECT i AS id, ${address} AS url FROM range(${rows}) t(i)) TO '${at("list.parquet")}'`);
  connection.closeSync();
  database.closeSync();
  const run = await runToEnd(["bulk", "plan", at("list.parquet"), "--out", at("results")]);
  console.log(`a plan of ${rows} rows: ${run.seconds.toFixed(1)} s, at most ${mebibytes(run.peakBytes)}, n = 1`);
}
