import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../../src/core/index.ts";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { TestWork } from "./bulk.ts";

export interface KillOptions {
  /** A plan. */
  readonly out: string;
  readonly workers: number;
  readonly kills: number;
  readonly random: Random;
  /** What workers are told. */
  readonly options?: TestWork;
  /** Done after every kill. */
  readonly between?: () => Promise<void>;
}

/**
 * Keeps so many workers at a plan and kills one at a time without a word, at random moments of its work, until so many are dead or all is done.
 * @returns how many were killed while there was something to do
 */
export async function killAtRandom({ out, workers, kills, random, options = {}, between }: KillOptions): Promise<number> {
  const file = fileURLToPath(new URL("./bulk-worker.ts", import.meta.url));
  const begin = (): ChildProcess =>
    spawn(process.execPath, [file, out, JSON.stringify(options)], { stdio: ["ignore", "ignore", "inherit"] });
  const running = Array.from({ length: workers }, begin);
  let killed = 0;
  try {
    while (killed < kills) {
      const place = random.integer(workers);
      const child = running[place]!;
      await untilAtWork(out, child);
      await sleep(random.uniform() * 400);
      if (!(await kill(child))) return killed;
      killed++;
      await between?.();
      running[place] = begin();
    }
    return killed;
  } finally {
    await Promise.all(running.map(kill));
  }
}

/** @returns whether it was still alive */
async function kill(child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return false;
  const closed = once(child, "exit");
  child.kill("SIGKILL");
  await closed;
  return child.signalCode === "SIGKILL";
}

/** Waits until somebody has begun a shard, or nobody will. */
async function untilAtWork(out: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const names = await readdir(`${out}/working`).catch(() => []);
    if (names.some((name) => name.endsWith(".json"))) return;
    await sleep(20);
  }
}
