import type { AnalysisOutcome, FaceAnalysis, FaceAnalyzer } from "../analyze/index.ts";
import { counted, createWaitingList, isTensorFaceError, TensorFaceError } from "../core/index.ts";
import { sniffPicture } from "../image/index.ts";
import type { HeldBytes } from "./held-bytes.ts";
import type { ServerSettings } from "./options.ts";
import type { Upload } from "./upload.ts";

/** The pictures in work and waiting, of all requests together. */
export interface Workload {
  /** Pictures that wait for their turn, or to be loaded. */
  readonly waiting: number;
  /** Pictures in work. */
  readonly running: number;
  /** Whether more pictures are welcome: not while the queue is full or the server is about to stop. */
  readonly isReady: boolean;
  /** The server is about to stop: it says that it is not ready, and finishes what it was given. */
  drain(): void;
  /**
   * Asked once for every request, before its first picture: what was let in is finished, also when more come than may wait.
   * @param bytes what the request says that it will send
   * @throws {TF_OVERLOADED} when too many pictures wait, or requests hold too many bytes
   */
  admit(bytes?: number): void;
  /**
   * Loads one picture and does with it what is asked, analysis or more, when its turn comes. No more pixels than allowed are in work.
   * @throws {TF_TIMEOUT} when loading, waiting and working took longer than the limit; the work is stopped
   */
  run<T>(upload: Upload, signal: AbortSignal, work: PictureWork<T>): Promise<T>;
  /**
   * Analyses pictures as they come and yields outcomes in their order; at most as many are read ahead as run at once.
   * @throws what `uploads` throws, once the outcomes of those before are out
   */
  analyzeAll(uploads: AsyncIterable<Upload>, signal: AbortSignal): AsyncGenerator<AnalysisOutcome>;
}

/** What is done with a picture: with its file and its analysis, until the signal is aborted. */
export type PictureWork<T> = (bytes: Uint8Array, analysis: FaceAnalysis, signal: AbortSignal) => T | Promise<T>;

export interface WorkloadParts {
  readonly analyzer: FaceAnalyzer<Uint8Array>;
  readonly held: HeldBytes;
}

export function createWorkload({ analyzer, held }: WorkloadParts, settings: ServerSettings): Workload {
  // A small file may be a very large picture, and what it takes in memory is what it has in pixels.
  const list = createWaitingList({ atOnce: settings.concurrency, most: settings.maxPixelsInWork });
  let draining = false;
  /** Pictures that are being loaded: soon they will want a turn. */
  let loading = 0;
  const waiting = (): number => loading + list.waiting;
  // A server that has nothing to do takes a picture, even if none may wait.
  const isCrowded = (): boolean => waiting() + list.inWork >= settings.concurrency + settings.maxQueue;

  const load = async (upload: Upload, signal: AbortSignal): Promise<Uint8Array> => {
    loading++;
    try {
      return await upload.load(signal);
    } finally {
      loading--;
    }
  };

  const run: Workload["run"] = async (upload, signal, work) => {
    const timeout = AbortSignal.timeout(settings.timeLimitMs);
    const either = AbortSignal.any([signal, timeout]);
    try {
      // A slow host takes time of its own picture, not a place that another could work in.
      const bytes = await load(upload, either);
      const analyzeAndWork = async () => work(bytes, await analyzer.analyze(bytes, { signal: either, source: upload.source }), either);
      return await list.run(analyzeAndWork, { size: pixelsOf(bytes), signal: either });
    } catch (error) {
      if (timeout.aborted && !signal.aborted)
        throw new TensorFaceError("TF_TIMEOUT", `${upload.source} took longer than ${settings.timeLimitMs} ms`, { cause: error });
      if (signal.aborted) throw new TensorFaceError("TF_ABORTED", "the client went away", { cause: error });
      throw error;
    } finally {
      upload.release();
    }
  };

  const outcomeOf = async (upload: Upload, signal: AbortSignal): Promise<AnalysisOutcome> => {
    try {
      return await run(upload, signal, (_bytes, analysis) => analysis);
    } catch (error) {
      return failure(upload.source, error);
    }
  };

  const analyzeAll: Workload["analyzeAll"] = (uploads, signal) =>
    inOrder(uploads, settings.concurrency, async (upload) => outcomeOf(upload, signal));

  return {
    get waiting() {
      return waiting();
    },
    get running() {
      return list.inWork;
    },
    get isReady() {
      return !draining && !isCrowded() && !held.isFull;
    },
    drain: () => {
      draining = true;
    },
    admit: (bytes = 0) => {
      if (isCrowded()) throw new TensorFaceError("TF_OVERLOADED", `${counted(waiting(), "picture is", "pictures are")} waiting already`);
      if (!held.hasRoomFor(bytes)) throw new TensorFaceError("TF_OVERLOADED", `requests hold ${held.bytes} bytes already`);
    },
    run,
    analyzeAll,
  };
}

/**
 * What becomes of items, in their order and each as soon as it is there: who sends them may be slow with the next one, or wait with it for the
 * answer to this one. At most `atOnce` are taken ahead.
 * @throws what `items` throws, once the outcomes of those before are out
 */
async function* inOrder<Item, Outcome extends object>(
  items: AsyncIterable<Item>,
  atOnce: number,
  workOn: (item: Item) => Promise<Outcome>,
): AsyncGenerator<Outcome> {
  const source = items[Symbol.asyncIterator]();
  const underWay: Promise<Outcome>[] = [];
  const reading: { isOver: boolean; coming: Promise<undefined> | undefined } = { isOver: false, coming: undefined };
  let broken: { readonly error: unknown } | undefined;
  const takeNext = async (): Promise<undefined> => {
    try {
      const next = await source.next();
      reading.isOver = next.done === true;
      if (next.done === true) return;
      const outcome = workOn(next.value);
      outcome.catch(() => {}); // Whoever stops reading leaves promises behind: their failures are nobody's.
      underWay.push(outcome);
    } catch (error) {
      reading.isOver = true;
      broken = { error }; // The items that came before are answered all the same.
    } finally {
      reading.coming = undefined;
    }
  };
  try {
    while (!reading.isOver || underWay.length > 0) {
      if (!reading.isOver && underWay.length < atOnce) reading.coming ??= takeNext();
      const outcome = await Promise.race([reading.coming ?? [], underWay[0] ?? []].flat());
      if (outcome === undefined) continue;
      void underWay.shift();
      yield outcome;
    }
    if (broken !== undefined) throw broken.error;
  } finally {
    // Not waited for: it comes behind an item that may still be on its way.
    source.return?.().catch(() => {});
  }
}

/** How many pixels a file will have once it is decoded; 0 for what is no picture, which whoever decodes it explains. */
function pixelsOf(bytes: Uint8Array): number {
  try {
    const { width, height } = sniffPicture(bytes, "the picture");
    return width * height;
  } catch {
    return 0;
  }
}

/** A failed picture of several; what is not ours to explain (a bug) goes up. */
export function failure(source: string, error: unknown): AnalysisOutcome {
  if (!isTensorFaceError(error)) throw error;
  return { schema: "tensorface.analysis/1", source, error: error.toJSON() };
}
