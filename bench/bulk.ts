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
import { DuckDBInstance } from "@duckdb/node-api";
import { killWorkers, takeQueueAway } from "./bulk/disturbed.ts";
import { measureCores, measureRates } from "./bulk/rates.ts";
import { machineText, today } from "./machine.ts";
import { mebibytes, runToEnd } from "./measured-command.ts";
import { flag, readWords, wholeNumber } from "../scripts/words.ts";

const { values } = readWords("npm run bench -- bulk", {
  pictures: wholeNumber(),
  rounds: wholeNumber(5),
  cores: flag,
  rows: wholeNumber(),
  kills: wholeNumber(),
  away: wholeNumber(),
  workers: wholeNumber(),
  shards: wholeNumber(200),
  queue: flag,
  quick: flag,
});

const base = await mkdtemp(join(tmpdir(), "tensorface-bench-bulk-"));
console.log(`${machineText()}, ${today()}`);
try {
  const { pictures, rounds, cores: areHeld, rows, kills, away, workers, shards, queue, quick } = values;
  if (rows !== undefined) await measurePlan(rows);
  else if (kills !== undefined) await killWorkers({ base, kills, workers: workers ?? 8, shards, queue, quick });
  else if (away !== undefined) await takeQueueAway(away, { base, workers: workers ?? 2, shards, quick });
  else if (areHeld) await measureCores({ base, pictures: pictures ?? 100, rounds });
  else await measureRates({ base, pictures: pictures ?? 200, rounds });
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
