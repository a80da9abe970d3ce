import type * as BullMQ from "bullmq";
import type { Job, Queue, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { setTimeout as sleep } from "node:timers/promises";
import { reasonOf, TensorFaceError } from "../../core/index.ts";
import { describeDuration } from "../../report/progress.node.ts";
import type { Engine, ShardWork } from "./engine.ts";
import { isAway, rest } from "./files.ts";

export interface QueueEngineOptions {
  /** The queue's name: that of the plan. */
  readonly name: string;
  /** What is left, in order, as the folder tells it. */
  readonly remaining: () => Promise<readonly number[]>;
  /** What this worker meets that comes and goes by itself. */
  readonly onTrouble?: ((trouble: string) => void) | undefined;
  readonly timing?: QueueTiming | undefined;
}

/** All in ms. */
export interface QueueTiming {
  /** After so long without a sign of life a worker's shard is given to another. @default 30000 */
  readonly lockDuration?: number | undefined;
  /** Between two looks at what is left. @default 2000 */
  readonly pause?: number | undefined;
  /** What is left is handed out again after so long, in case the queue has lost it. @default 30000 */
  readonly refillEvery?: number | undefined;
  /** At the start, a server that takes a connection or a question and says nothing for so long is none. @default 10000 */
  readonly silence?: number | undefined;
  /** A server that has been away for so long in the middle of the work stays away. @default 600000 */
  readonly patience?: number | undefined;
}

/** A shard whose pictures are away is tried so often, with longer and longer pauses between: five seconds, ten, ... an hour and a half in all. */
const attempts = 10;
const firstPause = 5000;
/** So many shards in a row whose pictures are away mean that they are away for this machine. */
const mostAway = 10;
/** A worker that dies in a shard loses it to another, so often. Then the shard is handed out anew: what is left is always told by the folder. */
const mostStalls = 3;
/** A server that is away when a worker starts is asked so often, with so long between: one that is just started again is worth five seconds. */
const knocks = 25;
const betweenKnocks = 200;
/** A server that goes away in the middle is knocked at with longer and longer pauses, of so much at most, ms. */
const longestKnock = 5000;
/** A server has so long to say goodbye, ms. */
const goodbye = 2000;

/**
 * A queue on Redis hands shards out to any number of machines. What is done is told by the folder alone: a queue that is lost, or gives a
 * shard to two, costs time and nothing else. Pictures are looked at in a process beside, so that locks are renewed whatever a network
 * computes.
 * @throws {TF_QUEUE_UNAVAILABLE} when the server does not answer, may forget jobs, or the packages are not installed
 */
export async function openQueueEngine(url: string, options: QueueEngineOptions): Promise<Engine & AsyncDisposable> {
  const { name, timing: { lockDuration = 30_000, silence = 10_000, patience = 600_000 } = {}, onTrouble } = options;
  const { Queue: QueueClass, Worker: WorkerClass, IORedis } = await loadPackages();
  const whileStarting = (times: number): number | null => (times <= knocks ? betweenKnocks : null);
  const starting = { lazyConnect: true, connectTimeout: silence, commandTimeout: silence, maxRetriesPerRequest: null };
  await checkServer(new IORedis(url, { ...starting, retryStrategy: whileStarting }), url);
  const leaving = new AbortController();
  const retryStrategy = (times: number): number | null =>
    leaving.signal.aborted ? null : Math.min(betweenKnocks * 2 ** times, longestKnock);
  const connection = { url, maxRetriesPerRequest: null, connectTimeout: silence, retryStrategy };
  const queue = new QueueClass<ShardJob>(name, { connection });
  let told = "";
  const trouble = (error: Error): void => {
    // A server that is away says so every second, and who leaves need not hear it.
    if (error.message !== told && !leaving.signal.aborted) onTrouble?.(`the queue: ${error.message}`);
    told = error.message;
  };
  queue.on("error", trouble);
  return {
    run: (work, stopping) => {
      const settings = {
        connection,
        lockDuration,
        stalledInterval: lockDuration,
        maxStalledCount: mostStalls,
        autorun: false,
        concurrency: 1,
      };
      const open = (processor: (job: Job<ShardJob>) => Promise<void>): Worker<ShardJob> =>
        new WorkerClass<ShardJob>(name, processor, settings);
      const stayedAway = (): TensorFaceError =>
        new TensorFaceError(
          "TF_QUEUE_UNAVAILABLE",
          `the Redis at ${withoutPassword(url)} has been away for ${describeDuration(patience / 1000)}`,
          {
            hint: "Start it again, and run the same command again; without --queue the folder itself hands the shards out. What is done is kept.",
          },
        );
      return runQueue({ queue, open, trouble, leaving, patience, stayedAway, options }, work, stopping);
    },
    [Symbol.asyncDispose]: async () => {
      leaving.abort();
      await leave(queue, queue.close());
    },
  };
}

interface ShardJob {
  readonly shard: number;
}

async function loadPackages(): Promise<Pick<typeof BullMQ, "Queue" | "Worker"> & { readonly IORedis: typeof Redis }> {
  try {
    const [{ Queue: QueueClass, Worker: WorkerClass }, { Redis: RedisClass }] = await Promise.all([import("bullmq"), import("ioredis")]);
    return { Queue: QueueClass, Worker: WorkerClass, IORedis: RedisClass };
  } catch (cause) {
    throw new TensorFaceError("TF_QUEUE_UNAVAILABLE", "--queue needs packages that are not installed", {
      cause,
      hint: "npm install bullmq ioredis",
    });
  }
}

/** @throws {TF_QUEUE_UNAVAILABLE} when it does not answer, or throws keys away when its memory is full */
async function checkServer(redis: Redis, url: string): Promise<void> {
  let refusal: Error | undefined;
  redis.on("error", (error) => (refusal = error));
  try {
    const policy = /maxmemory_policy:(\S+)/.exec(await redis.info("memory"))?.[1];
    if (policy === undefined || policy === "noeviction") return;
    throw new TensorFaceError(
      "TF_QUEUE_UNAVAILABLE",
      `the Redis at ${withoutPassword(url)} throws keys away when its memory is full (${policy})`,
      {
        hint: "Set maxmemory-policy to noeviction: a queue must not forget.",
      },
    );
  } catch (cause) {
    if (cause instanceof TensorFaceError) throw cause;
    throw new TensorFaceError("TF_QUEUE_UNAVAILABLE", `no Redis answers at ${withoutPassword(url)}: ${reasonOf(refusal ?? cause)}`, {
      cause,
    });
  } finally {
    redis.disconnect();
  }
}

function withoutPassword(url: string): string {
  return URL.canParse(url) ? Object.assign(new URL(url), { username: "", password: "" }).href : url;
}

interface QueueParts {
  readonly queue: Queue<ShardJob>;
  readonly open: (processor: (job: Job<ShardJob>) => Promise<void>) => Worker<ShardJob>;
  readonly trouble: (error: Error) => void;
  /** Aborted when a server that is away is not to be waited for any more. */
  readonly leaving: AbortController;
  readonly patience: number;
  readonly stayedAway: () => TensorFaceError;
  readonly options: QueueEngineOptions;
}

async function runQueue(parts: QueueParts, work: ShardWork, stopping: AbortSignal): Promise<void> {
  const { open, trouble, leaving, options } = parts;
  let away = 0;
  let failure: { readonly error: unknown } | undefined;
  const ended = new AbortController();
  const take = async (shard: number): Promise<void> => {
    if (!(await options.remaining()).includes(shard)) return;
    try {
      await work(shard);
      away = 0;
    } catch (error) {
      if (!isAway(error) || ++away >= mostAway) {
        failure = { error };
        ended.abort();
      } else options.onTrouble?.(`${error.message}; shard ${shard} is tried again later`);
      throw error;
    }
  };
  let underWay: Promise<unknown> = Promise.resolve();
  const worker = open(({ data: { shard } }) => {
    const taken = take(shard);
    underWay = taken.catch(() => undefined);
    return taken;
  });
  worker.on("error", trouble);
  const running = worker.run();
  running.catch(trouble);
  try {
    await keepFilled(parts, AbortSignal.any([stopping, ended.signal]));
  } finally {
    const closing = worker.close();
    // Finishes the shard under way: what is done is told by the folder, whether the queue hears of it or not.
    await underWay;
    leaving.abort();
    await leave(worker, closing);
  }
  if (failure !== undefined) throw failure.error;
}

/**
 * Fills the queue with what is left, again and again, until nothing is.
 * @throws {TF_QUEUE_UNAVAILABLE} when it has not taken anything for as long as patience lasts
 */
async function keepFilled({ queue, trouble, patience, stayedAway, options }: QueueParts, until: AbortSignal): Promise<void> {
  const { remaining, timing: { pause = 2000, refillEvery = 30_000 } = {} } = options;
  let isFilling = false;
  for (let filledAt = Number.NEGATIVE_INFINITY; !until.aborted; await rest(pause, until)) {
    const left = await remaining();
    if (left.length === 0) return;
    const since = performance.now() - filledAt;
    if (isFilling && since > patience) throw stayedAway();
    // What waits for a server that is away waits once.
    if (isFilling || since < refillEvery) continue;
    filledAt = performance.now();
    isFilling = true;
    void fill(queue, left)
      .catch(trouble)
      .finally(() => (isFilling = false));
  }
}

/** Waits for an orderly end, and goes without one where the server does not answer. */
async function leave(connection: Pick<Queue, "disconnect">, closing: Promise<void>): Promise<void> {
  const isClosed = await Promise.race([closing.then(() => true), sleep(goodbye, false)]);
  if (isClosed) return;
  connection.disconnect().catch(() => undefined);
  await Promise.race([closing, sleep(longestKnock + goodbye)]);
}

/** What is in the queue already stays as it is: a job's name is that of its shard. */
async function fill(queue: Queue<ShardJob>, shards: readonly number[]): Promise<void> {
  const batch = 1000;
  for (let start = 0; start < shards.length; start += batch) {
    await queue.addBulk(
      shards.slice(start, start + batch).map((shard) => ({
        name: "shard",
        data: { shard },
        opts: {
          jobId: `shard-${shard}`,
          attempts,
          backoff: { type: "exponential", delay: firstPause, jitter: 0.5 },
          removeOnComplete: true,
          removeOnFail: true,
        },
      })),
    );
  }
}
