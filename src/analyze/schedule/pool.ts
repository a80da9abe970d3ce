import type { FaceAnalysis } from "../analysis.ts";
import type { AnalyzeOptions } from "../options.ts";

/** Somebody who analyses pictures: this thread, or one beside it. */
export interface AnalysisWorker<Input> {
  /** Pictures that it has in work at the same time: one in its engine, and the next ones decoded by then. */
  readonly slots: number;
  /** Whether this picture can be handed over: a stream, say, can only be read where it was opened, and a listener only called there. */
  takes(input: Input, options: AnalyzeOptions): boolean;
  /** @throws {WorkerLost} when it ended before the picture was done */
  analyze(input: Input, options: AnalyzeOptions): Promise<FaceAnalysis>;
}

/** A worker that has to be started, and ends with its analyzer. */
export interface ExtraWorker<Input> extends AnalysisWorker<Input> {
  /** Settles when it can work; rejects when it cannot. */
  readonly ready: Promise<void>;
  dispose(): Promise<void>;
}

/** The worker is gone and its picture is not done; somebody else must take it. */
export class WorkerLost extends Error {
  override readonly name = "WorkerLost";
}

interface Place<Input> {
  readonly worker: AnalysisWorker<Input>;
  inWork: number;
}

interface Job<Input> {
  readonly input: Input;
  readonly options: AnalyzeOptions;
  readonly done: PromiseWithResolvers<FaceAnalysis>;
}

export interface PoolOptions {
  /** Pictures in work at the same time, whoever has them. @default as many as all have slots for */
  readonly most?: number | undefined;
  /** Called when more than {@link workersFrom} pictures of a row have come. May be called again. */
  readonly callWorkers?: (() => void) | undefined;
  /** A clock in milliseconds. @default performance.now */
  readonly now?: (() => number) | undefined;
}

/** Pictures of a row after which others are called to help: for fewer, starting a thread takes longer than it saves. */
export const workersFrom = 16;
/** A row ends when nothing has been in work for so long, in milliseconds. */
const pause = 1000;

/**
 * Shares pictures out among workers: each takes the next one as soon as it has a slot for it. Whatever happens to the others, the first
 * one does what is left.
 */
export class AnalysisPool<Input> {
  readonly #places: Place<Input>[];
  readonly #waiting: Job<Input>[] = [];
  readonly #options: PoolOptions;
  /**
   * Pictures that came while others were in work, since the last pause. Those in work may end all at once, since faces share batches, and
   * whoever waits for each answer before the next picture needs no help.
   */
  #row = 0;
  #idleSince: number;

  /** @param first takes every input and is never lost */
  constructor(first: AnalysisWorker<Input>, options: PoolOptions = {}) {
    this.#places = [{ worker: first, inWork: 0 }];
    this.#options = options;
    this.#idleSince = this.#now();
  }

  join(worker: AnalysisWorker<Input>): void {
    this.#places.push({ worker, inWork: 0 });
    this.#shareOut();
  }

  async analyze(input: Input, options: AnalyzeOptions): Promise<FaceAnalysis> {
    if (this.#inWork() > 0) this.#row++;
    else if (this.#now() - this.#idleSince > pause) this.#row = 0;
    if (this.#row >= workersFrom) this.#options.callWorkers?.();
    const done = Promise.withResolvers<FaceAnalysis>();
    this.#waiting.push({ input, options, done });
    this.#shareOut();
    return done.promise;
  }

  #now(): number {
    return this.#options.now?.() ?? performance.now();
  }

  #inWork(): number {
    return this.#places.reduce((sum, { inWork }) => sum + inWork, 0);
  }

  #shareOut(): void {
    // Thousands may wait: they are only looked through for somebody who is free.
    for (let index = 0; index < this.#waiting.length && this.#hasRoom();) {
      const place = this.#freestFor(this.#waiting[index]!);
      if (place === undefined) index++;
      else void this.#work(place, this.#waiting.splice(index, 1)[0]!);
    }
  }

  #hasRoom(): boolean {
    return this.#inWork() < (this.#options.most ?? Infinity) && this.#places.some(({ worker, inWork }) => inWork < worker.slots);
  }

  #freestFor({ input, options }: Job<Input>): Place<Input> | undefined {
    const free = this.#places.filter(({ worker, inWork }) => inWork < worker.slots && worker.takes(input, options));
    return free.toSorted((a, b) => a.inWork - b.inWork)[0];
  }

  async #work(place: Place<Input>, job: Job<Input>): Promise<void> {
    place.inWork++;
    try {
      job.done.resolve(await place.worker.analyze(job.input, job.options));
    } catch (error) {
      if (error instanceof WorkerLost) this.#replace(place, job);
      else job.done.reject(error);
    } finally {
      place.inWork--;
      this.#idleSince = this.#now();
      this.#shareOut();
    }
  }

  #replace(lost: Place<Input>, job: Job<Input>): void {
    const index = this.#places.indexOf(lost);
    if (index > 0) this.#places.splice(index, 1);
    this.#waiting.unshift(job);
  }
}
