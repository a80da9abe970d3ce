import { TensorFaceError } from "../../core/index.ts";
import type { Asker, LocatedFace } from "../pipeline/ask.ts";
import type { Answered, Schedule } from "../pipeline/pipeline.ts";

/** One face that waits to be asked about, with others, in one batch. */
interface FaceJob {
  readonly face: LocatedFace;
  readonly done: PromiseWithResolvers<Answered>;
  readonly isCancelled: () => boolean;
}

/**
 * Decides what the networks do next. They run one call after the other, each on all cores, so that nothing competes; decoding goes
 * on beside them in threads of its own.
 *
 * Pictures are searched first; faces wait until a batch is full, no picture is ready to be searched, or so many were searched since. So
 * one picture alone is never delayed, many pictures share their batches, and none is passed by for ever.
 */
export interface EngineLane extends Schedule {
  /** Settles when nothing is left to do. */
  idle(): Promise<void>;
}

export interface EngineLaneOptions {
  readonly askFaces: Asker<LocatedFace>;
  /** Settles in the event loop's next turn: decoded pictures and new calls arrive before the next choice is made. */
  readonly nextTurn: () => Promise<void>;
}

/** Faces of one batch: beyond this a larger batch is no faster, and its activations fill memory. */
const batchSize = 8;
/**
 * Searches that faces wait for at most, some for each picture: a row of pictures without faces fills no batch, and would keep the one before
 * them waiting for as long as it lasts.
 */
const mostSearches = 8 * batchSize;

export function createEngineLane({ askFaces, nextTurn }: EngineLaneOptions): EngineLane {
  const jobs: (() => Promise<void>)[] = [];
  const faces: FaceJob[] = [];
  let running: Promise<void> | undefined;

  const drain = async (): Promise<void> => {
    let searches = 0;
    while (jobs.length > 0 || faces.length > 0) {
      if (faces.length >= batchSize || jobs.length === 0 || searches >= mostSearches) {
        searches = 0;
        await runFaces(faces.splice(0, batchSize), askFaces);
      } else {
        if (faces.length > 0) searches++;
        await jobs.shift()!();
      }
      await nextTurn();
    }
    running = undefined;
  };
  const wake = (): void => {
    // Callers add all their faces in one go; the batch forms after that.
    running ??= Promise.resolve().then(drain);
  };

  return {
    run: <Result>(work: () => Promise<Result>) => {
      const { promise, resolve, reject } = Promise.withResolvers<Result>();
      jobs.push(() => work().then(resolve, reject));
      wake();
      return promise;
    },
    ask: (face, isCancelled) => {
      const done = Promise.withResolvers<Answered>();
      faces.push({ face, done, isCancelled });
      wake();
      return done.promise;
    },
    idle: async () => running,
  };
}

async function runFaces(jobs: readonly FaceJob[], askFaces: Asker<LocatedFace>): Promise<void> {
  const wanted = jobs.filter(({ isCancelled }) => !isCancelled());
  for (const { isCancelled, done } of jobs) if (isCancelled()) done.reject(new TensorFaceError("TF_ABORTED", "the work was aborted"));
  if (wanted.length === 0) return;
  try {
    const start = performance.now();
    const answers = await askFaces(wanted.map(({ face }) => face));
    const milliseconds = (performance.now() - start) / wanted.length;
    for (const [index, { done }] of wanted.entries()) done.resolve({ answers: answers[index]!, milliseconds });
  } catch (error) {
    for (const { done } of wanted) done.reject(error);
  }
}
