import { setTimeout as sleepFor } from "node:timers/promises";
import { isTensorFaceError, type TensorFaceError } from "../../core/index.ts";
import { describeDuration } from "../../report/progress.node.ts";
import type { Engine, ShardWork } from "./engine.ts";

export interface FilesEngineOptions {
  /** What is left for this worker now, in order. */
  readonly remaining: () => Promise<readonly number[]>;
  /** Between two looks where others are at all that is left, ms, at most: the first rests are shorter. @default 2000 */
  readonly pause?: number | undefined;
  /** What is away is asked for again after so long, then twice as long, and so on, ms. @default from 5 s, nine times */
  readonly patience?: readonly number[] | undefined;
  /** What this worker meets that comes and goes by itself. */
  readonly onTrouble?: ((trouble: string) => void) | undefined;
  /** Rests until so many ms are over or it is told to stop. @default {@link rest} */
  readonly sleep?: typeof rest | undefined;
}

/** The first rest, ms; each is twice as long as the one before. */
const firstPause = 25;

const defaultPatience = [5, 10, 20, 40, 60, 60, 60, 60, 60].map((seconds) => seconds * 1000);

/**
 * No server: the folder itself tells what is left. A worker takes the first shard that nobody is at, and waits at the end for those of
 * others, in case one of them is killed.
 */
export function createFilesEngine({
  remaining,
  pause = 2000,
  patience = defaultPatience,
  onTrouble,
  sleep = rest,
}: FilesEngineOptions): Engine & AsyncDisposable {
  return {
    async run(work, stopping) {
      let [waits, rests] = [0, 0];
      while (!stopping.aborted) {
        const left = await remaining();
        if (left.length === 0) return;
        try {
          const hasWorked = await workOnFirst(left, work, stopping);
          waits = 0;
          if (hasWorked) rests = 0;
          else await sleep(Math.min(pause, firstPause * 2 ** rests++), stopping);
        } catch (error) {
          const wait = patience[waits++];
          if (!isAway(error) || wait === undefined) throw error;
          onTrouble?.(`${error.message}; looking again in ${describeDuration(wait / 1000)}`);
          await sleep(wait, stopping);
        }
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function workOnFirst(shards: readonly number[], work: ShardWork, stopping: AbortSignal): Promise<boolean> {
  for (const shard of shards) {
    if (stopping.aborted) return true;
    if (await work(shard)) return true;
  }
  return false;
}

export function isAway(error: unknown): error is TensorFaceError {
  return isTensorFaceError(error, "TF_INPUT_AWAY");
}

export async function rest(milliseconds: number, stopping: AbortSignal): Promise<void> {
  await sleepFor(milliseconds, undefined, { signal: stopping }).catch(() => undefined);
}
