import { TensorFaceError } from "../../core/index.ts";
import type { Engine } from "../engines/engine.ts";
import { createFilesEngine } from "../engines/files.ts";
import type { QueueTiming } from "../engines/queue.ts";
import { openPlan, type OpenPlan, shardName } from "../plan/plan-file.ts";
import type { MachineOptions } from "../plan/recipe.ts";
import { readShardInputs } from "../plan/shard-inputs.ts";
import { sourceOf } from "../sources/entry.ts";
import { type Attempt, type Attempts, openAttempts } from "./attempts.ts";
import { findCulprit } from "./bisect.ts";
import { type Ledger, openLedger, sumOf } from "./ledger.ts";
import type { ShardProcessOptions, ShardProgress } from "./messages.ts";
import { processFile, ProcessEnded, ShardProcess } from "./process.ts";
import { listSetAside, readSetAside, writeSetAside } from "./set-aside.ts";
import type { ShardStats } from "./stats.ts";

export interface WorkOptions {
  /** Where relative paths begin. @default as planned */
  readonly base?: string | undefined;
  /** Pictures that are not there are failed ones, however many. @default false */
  readonly allowMissing?: boolean | undefined;
  /** The shards of this worker: those whose number leaves this rest. @default all */
  readonly part?: { readonly index: number; readonly of: number } | undefined;
  /** This shard alone. */
  readonly shard?: number | undefined;
  readonly machine?: MachineOptions | undefined;
  /** Redis hands the shards out, at `redis://host:port`. @default none: the folder itself */
  readonly queue?: string | undefined;
  readonly queueTiming?: QueueTiming | undefined;
  /** What is away is asked for again after so long, then after the next, ms. @default five seconds, then longer: six minutes in all */
  readonly patience?: readonly number[] | undefined;
  readonly onEvent?: ((event: WorkEvent) => void) | undefined;
  /** No further shard is begun once aborted. */
  readonly stopping: AbortSignal;
  /** Everything stops once aborted. */
  readonly now: AbortSignal;
  /** The file of the process that looks at pictures; tests give one with a poisoned picture. */
  readonly process?: string | undefined;
}

/** What a worker says of itself while it works. Shards are named by number, pictures only where they end a process. */
export type WorkEvent =
  | { readonly kind: "progress"; readonly state: WorkState }
  | { readonly kind: "trouble"; readonly what: string }
  | { readonly kind: "killed"; readonly shard: number; readonly times: number }
  | { readonly kind: "culprit"; readonly shard: number; readonly source: string }
  | { readonly kind: "given-up"; readonly shard: number; readonly why: string };

/** How far all workers together are, as far as this one knows. */
export interface WorkState {
  readonly shards: { readonly done: number; readonly all: number };
  readonly pictures: { readonly done: number; readonly all: number };
  readonly faces: number;
  readonly failed: Readonly<Record<string, number>>;
  /** What this worker has done since it began. */
  readonly own: { readonly pictures: number; readonly shards: number; readonly seconds: number };
  /** Pictures of all workers since this one began. */
  readonly since: number;
}

export interface WorkResult {
  readonly state: WorkState;
  /** Shards that nobody tries any more. */
  readonly givenUp: readonly number[];
}

/** A shard that has ended so many processes is looked at apart, a picture at a time. */
const mostKills = 3;
/** Beyond so many pictures that end a process, a shard is given up: the fault is elsewhere. */
const mostCulprits = 10;
/** A process's last words may be lost with it: the culprit is among so many pictures from the last that was done. */
const suspects = 64;
/** Between two reports, ms. */
const reportEvery = 1000;

/**
 * Works on a plan until nothing of it is left for this worker.
 * @throws {TF_INPUT_NOT_FOUND} when the folder holds no plan
 * @throws {TF_BULK_CHANGED} when a model or a version is another one than planned
 * @throws {TF_INPUT_AWAY} when what the pictures lie on stays away
 * @throws {TF_QUEUE_UNAVAILABLE | TF_OUTPUT_FULL | TF_OUTPUT_UNWRITABLE | TF_BULK_DAMAGED}
 */
export async function workOnPlan(path: string, options: WorkOptions): Promise<WorkResult> {
  const opened = await openPlan(path);
  const ledger = await openLedger(opened);
  const attempts = await openAttempts(opened.folder);
  await using worker = new ShardWorker(opened, { ledger, attempts, options });
  await using engine = await openEngine(opened, worker, options);
  // What it waited for in vain is met again when the worker is disposed of.
  const stop = (): void => void worker[Symbol.asyncDispose]().catch(() => undefined);
  options.now.addEventListener("abort", stop);
  try {
    await engine.run((shard) => worker.work(shard), options.stopping);
  } catch (error) {
    if (!(options.now.aborted && error instanceof ProcessEnded)) throw error;
  } finally {
    options.now.removeEventListener("abort", stop);
  }
  await ledger.refresh();
  return { state: worker.state(), givenUp: await givenUpShards(opened) };
}

async function openEngine(opened: OpenPlan, worker: ShardWorker, options: WorkOptions): Promise<Engine & AsyncDisposable> {
  const { part, shard, patience, queue, queueTiming: timing, onEvent } = options;
  if (shard !== undefined && opened.shards[shard] === undefined)
    throw new TensorFaceError("TF_INVALID_ARGUMENT", `the plan has no shard ${shard}: it has ${opened.shards.length}, from 0`);
  const isOwn = (number: number): boolean =>
    (part === undefined || number % part.of === part.index) && (shard === undefined || number === shard);
  const remaining = async (): Promise<number[]> => (await worker.remaining()).filter(isOwn);
  const onTrouble = (what: string): void => onEvent?.({ kind: "trouble", what });
  if (queue === undefined) return createFilesEngine({ remaining, patience, onTrouble });
  if (part !== undefined || shard !== undefined)
    throw new TensorFaceError(
      "TF_INVALID_ARGUMENT",
      "a queue hands out all shards of a plan: --parts, --part and --shard do not go with --queue",
    );
  const { openQueueEngine } = await import("../engines/queue.ts");
  const name = `tensorface-${opened.plan.list.slice(0, 16)}`;
  return openQueueEngine(queue, { name, remaining, timing, onTrouble });
}

async function givenUpShards({ folder }: OpenPlan): Promise<number[]> {
  return (await listSetAside(folder)).filter(({ givenUp }) => givenUp !== undefined).map(({ shard }) => shard);
}

interface ShardWorkerParts {
  readonly ledger: Ledger;
  readonly attempts: Attempts;
  readonly options: WorkOptions;
}

/** Does shards, one at a time, in a process beside. */
class ShardWorker implements AsyncDisposable {
  readonly #opened: OpenPlan;
  readonly #parts: ShardWorkerParts;
  readonly #began = performance.now();
  readonly #before: number;
  /** All that were made: of those that have ended nothing is left to end. */
  readonly #processes = new Set<ShardProcess>();
  #process: ShardProcess;
  #current: ShardProgress | undefined;
  #own = { pictures: 0, shards: 0 };
  #isEnded = false;

  constructor(opened: OpenPlan, parts: ShardWorkerParts) {
    this.#opened = opened;
    this.#parts = parts;
    this.#before = parts.ledger.total().pictures;
    this.#process = this.#newProcess();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnded = true;
    await Promise.all([...this.#processes].map(async (process) => process[Symbol.asyncDispose]()));
  }

  /** Shards that are neither done nor given up. */
  async remaining(): Promise<number[]> {
    await this.#parts.ledger.refresh();
    const givenUp = new Set(await givenUpShards(this.#opened));
    return this.#opened.shards.flatMap(({ shard }) => (this.#parts.ledger.done.has(shard) || givenUp.has(shard) ? [] : [shard]));
  }

  /** @returns false where somebody else is at it */
  async work(shard: number): Promise<boolean> {
    const attempt = await this.#parts.attempts.begin(shard);
    if (attempt === undefined) return false;
    await using _attempt = attempt;
    const reports = setInterval(() => void attempt.report(this.#rate()), reportEvery);
    try {
      await this.#finish(shard, attempt);
    } finally {
      clearInterval(reports);
      this.#current = undefined;
      this.#tell({ kind: "progress", state: this.state() });
    }
    return true;
  }

  async #finish(shard: number, attempt: Attempt): Promise<void> {
    let kills = attempt.killed;
    while (kills < mostKills) {
      try {
        this.#requireGoing();
        await this.#take(shard, await this.#process.write(shard, (progress) => this.#hear(progress)), attempt);
        return;
      } catch (error) {
        this.#requireEnd(error);
        this.#tell({ kind: "killed", shard, times: ++kills });
      }
    }
    await this.#workApart(shard, attempt);
  }

  /** A picture at a time, in processes that may end; what ends them is found and passed over. */
  async #workApart(shard: number, attempt: Attempt): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    const { folder } = this.#opened;
    for (;;) {
      const known = (await readSetAside(folder, shard)) ?? { shard, culprits: [] };
      let done = 0;
      try {
        await using apart = this.#newProcess({ concurrency: 1, workers: 0 });
        const stats = await apart.write(shard, (progress) => {
          done = progress.pictures;
          this.#hear(progress);
        });
        await this.#take(shard, stats, attempt);
        return;
      } catch (error) {
        this.#requireEnd(error);
      }
      const index = known.culprits.length < mostCulprits ? await this.#findCulprit(shard, done) : undefined;
      if (index === undefined) {
        const why = "its process ends, and no single picture is the reason";
        await writeSetAside(folder, { ...known, givenUp: why });
        this.#tell({ kind: "given-up", shard, why });
        return;
      }
      const entries = await readShardInputs(this.#opened, this.#opened.shards[shard]!);
      const source = sourceOf(entries[index]!);
      await writeSetAside(folder, { shard, culprits: [...known.culprits, { index, source }] });
      this.#tell({ kind: "culprit", shard, source });
    }
  }

  async #findCulprit(shard: number, done: number): Promise<number | undefined> {
    const { pictures } = this.#opened.shards[shard]!;
    return findCulprit(done, Math.min(done + suspects, pictures), async (from, to) => {
      await using apart = this.#newProcess({ concurrency: 1, workers: 0 });
      try {
        await apart.probe(shard, from, to);
        return false;
      } catch (error) {
        this.#requireEnd(error);
        return true;
      }
    });
  }

  /** Passes on everything but the end of a process that nobody wanted. */
  #requireEnd(error: unknown): asserts error is ProcessEnded {
    if (!(error instanceof ProcessEnded) || this.#isEnded) throw error;
  }

  /** No process is begun for a worker that was ended: nobody would end it. @throws {ProcessEnded} */
  #requireGoing(): void {
    if (this.#isEnded) throw new ProcessEnded();
  }

  async #take(shard: number, stats: ShardStats, attempt: Attempt): Promise<void> {
    await attempt.forget();
    this.#current = undefined;
    this.#own = { pictures: this.#own.pictures + stats.pictures, shards: this.#own.shards + 1 };
    await this.#parts.ledger.refresh();
    if (!this.#parts.ledger.done.has(shard))
      throw new TensorFaceError("TF_OUTPUT_UNWRITABLE", `the result of shard ${shardName(shard)} was written and is not there`);
  }

  #hear(progress: ShardProgress): void {
    this.#current = progress;
    this.#tell({ kind: "progress", state: this.state() });
  }

  #tell(event: WorkEvent): void {
    this.#parts.options.onEvent?.(event);
  }

  #rate(): { readonly pictures: number; readonly seconds: number } {
    return { pictures: this.#own.pictures + (this.#current?.pictures ?? 0), seconds: (performance.now() - this.#began) / 1000 };
  }

  state(): WorkState {
    const { plan } = this.#opened;
    const { ledger } = this.#parts;
    const total = sumOf([ledger.total(), ...(this.#current === undefined ? [] : [this.#current])]);
    return {
      shards: { done: ledger.done.size, all: plan.shards },
      pictures: { done: total.pictures, all: plan.pictures },
      faces: total.faces,
      failed: total.failed,
      own: { ...this.#rate(), shards: this.#own.shards },
      since: total.pictures - this.#before,
    };
  }

  #newProcess(machine: MachineOptions = this.#parts.options.machine ?? {}): ShardProcess {
    this.#requireGoing();
    const { base, allowMissing, process: file = processFile() } = this.#parts.options;
    const options: ShardProcessOptions = { folder: this.#opened.folder.path, base, allowMissing, machine };
    const process = new ShardProcess(file, options);
    this.#processes.add(process);
    return process;
  }
}
