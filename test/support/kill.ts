import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../../src/core/index.ts";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { TestWork } from "./bulk.ts";

const bulkWorker = fileURLToPath(new URL("./bulk-worker.ts", import.meta.url));

export interface KillOptions {
  /** A plan. */
  readonly out: string;
  readonly workers: number;
  /** The file of a worker. @default bulk-worker.ts */
  readonly worker?: string | undefined;
  readonly kills: number;
  readonly random: Random;
  /** What workers are told. */
  readonly options?: TestWork;
  /** Done after every kill. */
  readonly between?: () => Promise<void>;
  /** Nobody else is killed once aborted. */
  readonly stopping?: AbortSignal;
}

/**
 * Keeps so many workers at a plan and kills one of those that are at a shard, without a word, at random moments, until so many are dead or
 * all is done. About as many are killed as shards are done meanwhile: on a busy machine, too, the work goes on.
 * @returns how many were killed while there was something to do
 */
export async function killAtRandom(settings: KillOptions): Promise<number> {
  const { out, workers, worker: file = bulkWorker, kills, random, options = {}, between, stopping } = settings;
  const begin = (): ChildProcess =>
    spawn(process.execPath, [file, out, JSON.stringify(options)], { stdio: ["ignore", "ignore", "inherit"] });
  const running = Array.from({ length: workers }, begin);
  let killed = 0;
  let done = 0;
  try {
    while (killed < kills) {
      if (stopping?.aborted === true) return killed;
      done += random.integer(3);
      const child = await oneAtWork(out, { running, random, done });
      if (child === undefined) return killed;
      await sleep(random.uniform() * 400);
      if (!(await kill(child))) {
        requireNoneGaveUp([child]);
        return killed;
      }
      killed++;
      await between?.();
      running[running.indexOf(child)] = begin();
    }
    return killed;
  } finally {
    await Promise.all(running.map(kill));
  }
}

/** @returns whether it was still alive */
async function kill(child: ChildProcess): Promise<boolean> {
  if (hasEnded(child)) return false;
  const closed = once(child, "exit");
  child.kill("SIGKILL");
  await closed;
  return child.signalCode === "SIGKILL";
}

interface AtWorkOptions {
  readonly running: readonly ChildProcess[];
  readonly random: Random;
  /** So many shards are done first. */
  readonly done: number;
}

/**
 * Waits until one of them has begun a shard.
 * @returns undefined once one has ended by itself: all is done
 * @throws when one gives up
 */
async function oneAtWork(out: string, { running, random, done }: AtWorkOptions): Promise<ChildProcess | undefined> {
  for (;;) {
    const ended = running.filter(hasEnded);
    requireNoneGaveUp(ended);
    if (ended.length > 0) return undefined;
    const pids = await pidsAtWork(out);
    const busy = running.filter(({ pid }) => pid !== undefined && pids.has(pid));
    if (busy.length > 0 && (await countDone(out)) >= done) return busy[random.integer(busy.length)];
    await sleep(20);
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function requireNoneGaveUp(ended: readonly ChildProcess[]): void {
  for (const { exitCode, signalCode } of ended) if (exitCode !== 0) throw new Error(`a worker gave up (${signalCode ?? exitCode})`);
}

async function countDone(out: string): Promise<number> {
  return (await readdir(out)).filter((name) => name.endsWith("_stats.json")).length;
}

/** Whose attempts lie in the folder; those of the dead among them. */
async function pidsAtWork(out: string): Promise<ReadonlySet<number>> {
  const names = await readdir(`${out}/working`).catch(() => []);
  const texts = await Promise.all(names.map((name) => readFile(`${out}/working/${name}`, "utf8").catch(() => "")));
  return new Set(texts.flatMap((text) => /"pid":(\d+)/.exec(text)?.slice(1).map(Number) ?? []));
}
