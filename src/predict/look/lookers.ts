import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { connect } from "../../bridge/index.ts";
import { threadLine } from "../../bridge/thread.node.ts";
import { TensorFaceError } from "../../core/index.ts";
import type { LookService } from "./look-worker.ts";
import { type LocalLooker, type Looker, type LookerOptions, openLooker, type PictureLook, type PictureTask } from "./looker.ts";

/** Lookers in this thread and in others, which share the pictures out among themselves. */
export interface Lookers extends AsyncDisposable {
  readonly describers: LocalLooker["describers"];
  readonly finder: LocalLooker["finder"];
  /**
   * Looks at pictures in pieces.
   * @param onPiece told of each piece when it was looked at, one after the other, in the order in which they are done
   * @throws {TF_ABORTED} and what a looker or `onPiece` throws
   */
  lookAt(
    tasks: readonly PictureTask[],
    onPiece: (tasks: readonly PictureTask[], looks: readonly PictureLook[]) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<void>;
}

/** Pictures of a piece: the networks take those of one together, and hold memory for all of them. */
const pieceLength = 8;
/** Pieces that pay for the start of another thread, which loads networks of its own. */
const piecesOfThread = 16;
/** Threads beside this one at most: each holds all networks. */
const mostThreads = 7;
/** A thread has the next piece when it has finished one. */
const piecesAtOnce = 2;

/** Loads the networks in this thread; others follow when there is enough to do. @throws as `openLooker` */
export async function openLookers(options: Omit<LookerOptions, "threads">): Promise<Lookers> {
  // One thread of the engine each: two lookers get more out of two cores than two threads of one engine.
  const settings: LookerOptions = { ...options, threads: 1 };
  const local = await openLooker(settings);
  const helpers = Math.min(mostThreads, availableParallelism() - 1);
  const threads: Looker[] = [];
  return {
    describers: local.describers,
    finder: local.finder,
    async lookAt(tasks, onPiece, signal) {
      const pieces = piecesOf(tasks);
      while (threads.length < Math.min(helpers, Math.floor(pieces.length / piecesOfThread))) threads.push(startThread(settings));
      let writing = Promise.resolve();
      const failed = new AbortController();
      const ended = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
      const work = async (looker: Looker): Promise<void> => {
        for (let piece = pieces.shift(); piece !== undefined && !failed.signal.aborted; piece = pieces.shift()) {
          const looked = piece;
          const looks = await looker.look(looked, ended);
          writing = writing.then(async () => onPiece(looked, looks));
          await writing;
        }
      };
      const all = [local, ...threads.flatMap((thread) => Array.from({ length: piecesAtOnce }, () => thread))];
      const guarded = all.map(async (looker) =>
        work(looker).catch((error: unknown) => {
          failed.abort();
          throw error;
        }),
      );
      const outcomes = await Promise.allSettled(guarded);
      const failures = outcomes.filter((outcome) => outcome.status === "rejected");
      // Who was stopped because another failed says nothing of why.
      const first = failures.find(({ reason }) => !isAborted(reason)) ?? failures[0];
      // oxlint-disable-next-line typescript/only-throw-error -- as it was thrown
      if (first !== undefined) throw first.reason;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([local, ...threads].map(async (looker) => looker[Symbol.asyncDispose]()));
    },
  };
}

function isAborted(error: unknown): boolean {
  return error instanceof TensorFaceError && error.code === "TF_ABORTED";
}

function piecesOf(tasks: readonly PictureTask[]): PictureTask[][] {
  return Array.from({ length: Math.ceil(tasks.length / pieceLength) }, (_, index) =>
    tasks.slice(index * pieceLength, (index + 1) * pieceLength),
  );
}

/** The threads' file: TypeScript in a clone, JavaScript in the package. */
function threadFile(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "./look-worker.ts" : "./look-worker.js", import.meta.url);
}

function startThread(options: LookerOptions): Looker {
  const worker = new Worker(threadFile(), { workerData: options });
  const bridge = connect<LookService>(threadLine(worker));
  const lose = (cause: unknown): void => bridge.close(new Error("a thread that looks at pictures has ended", { cause }));
  worker.on("error", lose);
  worker.on("exit", lose);
  return {
    look: async (tasks, signal) => bridge.ask("look", tasks, { signal }),
    async [Symbol.asyncDispose]() {
      // The engine ends the whole process when a thread is ended while it loads a network or runs one.
      await bridge.ask("dispose", undefined).catch(() => undefined);
      await worker.terminate();
    },
  };
}
