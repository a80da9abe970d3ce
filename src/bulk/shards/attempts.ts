import { randomUUID } from "node:crypto";
import { open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readFailure, writeFileAtomically } from "../../files/files.node.ts";
import { isRunning, ownMark, type ProcessMark } from "../../files/process.node.ts";
import { type BulkFolder, shardName } from "../plan/plan-file.ts";

/**
 * Who works on what, as files: one for each attempt, made before its first picture and removed when it ends in whatever orderly way. One that
 * stays is an attempt that was killed.
 *
 * Two attempts at one shard do no harm. That is why a look into a folder is enough here, where a lock between machines would be a
 * service of its own.
 */
export interface Attempts {
  /** How this worker is called. */
  readonly worker: string;
  /**
   * Begins an attempt, unless somebody else is at it.
   * @returns undefined where somebody is
   */
  begin(shard: number): Promise<Attempt | undefined>;
  /** Every attempt that is under way, here or elsewhere. */
  underWay(): Promise<readonly RunningAttempt[]>;
}

export interface Attempt extends AsyncDisposable {
  /** Earlier attempts at this shard that were killed. */
  readonly killed: number;
  /** Tells others how far this worker is. */
  report(rate: WorkerRate): Promise<void>;
  /** The shard is done: killed attempts are forgotten. */
  forget(): Promise<void>;
}

/** What a worker has done since it began. */
export interface WorkerRate {
  readonly pictures: number;
  readonly seconds: number;
}

export interface RunningAttempt extends WorkerRate {
  readonly shard: number;
  readonly worker: string;
}

export interface AttemptsOptions {
  /** A worker on another machine that has not been heard of for so long is dead, ms. @default 60000 */
  readonly silentAfter?: number | undefined;
}

/** Between two signs of life, ms. */
const touchEvery = 5000;
const defaultSilence = 60_000;

const attemptSchema = z.object({
  host: z.string(),
  pid: z.int(),
  began: z.string(),
  pictures: z.number(),
  seconds: z.number(),
});

interface FoundAttempt {
  readonly shard: number;
  readonly worker: string;
  readonly path: string;
}

export async function openAttempts(folder: BulkFolder, { silentAfter = defaultSilence }: AttemptsOptions = {}): Promise<Attempts> {
  const own = randomUUID();
  const mark = await ownMark();
  const withRates = (found: readonly FoundAttempt[]): Promise<(FoundAttempt & AttemptState)[]> => {
    // Asked once for all, and only where somebody far away is among them.
    let time: Promise<number> | undefined;
    const now = (): Promise<number> => (time ??= timeOfDisk(folder.working));
    return Promise.all(
      found.map(async (attempt) => Object.assign({}, attempt, { rate: await rateOf(attempt.path, { mark, silentAfter, now }) })),
    );
  };
  return {
    worker: own,
    async begin(shard) {
      const path = join(folder.working, `${shardName(shard)}.${own}.json`);
      const found = await listAttempts(folder, shard);
      const states = await withRates(found);
      if (states.some(({ rate }) => rate !== undefined)) return undefined;
      await writeMark(path, mark, { pictures: 0, seconds: 0 });
      // Two that began in the same moment see each other now.
      const others = (await listAttempts(folder, shard)).filter((other) => !found.some(({ path: known }) => known === other.path));
      if (others.some((other) => other.worker < own)) {
        await rm(path, { force: true });
        return undefined;
      }
      return attemptAt(path, { mark, killed: found });
    },
    async underWay() {
      const found = await listAttempts(folder);
      const states = await withRates(found);
      return states.flatMap(({ shard, worker, rate }) => (rate === undefined ? [] : [{ shard, worker, ...rate }]));
    },
  };
}

function attemptAt(path: string, { mark, killed }: { readonly mark: ProcessMark; readonly killed: readonly FoundAttempt[] }): Attempt {
  const timer = setInterval(() => {
    void touch(path).catch(() => undefined);
  }, touchEvery);
  let reported: Promise<unknown> = Promise.resolve();
  return {
    killed: killed.length,
    report: async (rate) => {
      reported = writeMark(path, mark, rate).catch(() => undefined);
      await reported;
    },
    forget: async () => {
      for (const attempt of killed) await rm(attempt.path, { force: true });
    },
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      // It would put the mark there again.
      await reported;
      await rm(path, { force: true });
    },
  };
}

/** Writes a byte over itself: the disk then says when, by its own clock. */
async function touch(path: string): Promise<void> {
  await using file = await open(path, "r+");
  await file.write("{", 0);
}

/** Whole or not at all: whoever is killed in the middle of it would be nobody, and be waited for as if far away. */
async function writeMark(path: string, { host, pid, began }: ProcessMark, { pictures, seconds }: WorkerRate): Promise<void> {
  const text = `${JSON.stringify({ host, pid, began, pictures, seconds: Number(seconds.toFixed(1)) })}\n`;
  await writeFileAtomically(path, text, { sync: false });
}

async function listAttempts(folder: BulkFolder, shard?: number): Promise<FoundAttempt[]> {
  const names = await readdir(folder.working).catch((error: unknown) => {
    if (readFailure(error, folder.working).code === "TF_INPUT_NOT_FOUND") return [];
    throw readFailure(error, folder.working);
  });
  return names.flatMap((name) => {
    const [, number, worker] = /^(\d+)\.([\da-f-]+)\.json$/.exec(name) ?? [];
    if (number === undefined || worker === undefined) return [];
    return shard === undefined || Number(number) === shard ? [{ shard: Number(number), worker, path: join(folder.working, name) }] : [];
  });
}

interface AttemptState {
  /** Undefined for an attempt whose worker is dead. */
  readonly rate: WorkerRate | undefined;
}

interface Witness {
  readonly mark: ProcessMark;
  readonly silentAfter: number;
  /** The time by the clock that tells when a file was touched. */
  readonly now: () => Promise<number>;
}

/**
 * The time by the clock of the disk, whatever the machines believe: a file is touched for it. By this machine's where nothing may be written, as
 * for whoever only looks.
 */
async function timeOfDisk(folder: string): Promise<number> {
  const clock = join(folder, `.clock-${randomUUID()}`);
  try {
    await writeFile(clock, "");
    return (await stat(clock)).mtimeMs;
  } catch {
    return Date.now();
  } finally {
    await rm(clock, { force: true }).catch(() => undefined);
  }
}

/** What an attempt's worker has done; undefined for one that is dead. */
async function rateOf(path: string, { mark, silentAfter, now }: Witness): Promise<WorkerRate | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  const { success, data } = attemptSchema.safeParse(parseJson(await readFile(path, "utf8").catch(() => "")));
  if (success && data.host === mark.host) return (await isRunning(data.pid, data.began)) ? data : undefined;
  if ((await now()) - found.mtimeMs > silentAfter) return undefined;
  return success ? data : { pictures: 0, seconds: 0 };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
